"""The client of GİB's e-Defter service: three operations with zeep over our own WSDL.

Example::

    client = GibClient(settings.gib, seal, environment=Environment.SANDBOX, wall=utc_now,
                       sleep=time.sleep, monotonic=time.monotonic,
                       on_server_date=lambda host, date, round_trip_s: None,
                       before_call=lambda operation: None)
    client.status("1234567890-202601-YB-000000")

Each call makes new Ids, a new Timestamp and a new signature; nothing is ever replayed, and nothing
is repeated here: whether to try again is the engine's decision.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
from collections.abc import Callable
from datetime import datetime
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any

import requests.utils
import zeep
import zeep.settings

from edefter.atomic import write_bytes
from edefter.clock.port import Monotonic, Sleep, WallClock
from edefter.config.settings import GibSettings
from edefter.errors import ConfigError
from edefter.gib.answers import Answer, Unreadable
from edefter.gib.attachment import UnusableAttachment, unpack
from edefter.gib.checks import check_package
from edefter.gib.codes import CodeClass, Operation
from edefter.gib.environment import check_seal, checked_host
from edefter.gib.errors import AnswerUnknown, GibAnswerUnusable, GibFault, GibUnreachable
from edefter.gib.pace import Pace
from edefter.gib.payload import FilePayload
from edefter.gib.port import Accepted, BatchState, BatchStatus, Fetched, Pacing
from edefter.gib.replies import (
    Call,
    names_other_package,
    read_answer,
    retry_after_s,
    same_package,
    server_date,
)
from edefter.gib.states import decide, is_accepted
from edefter.gib.transport import GibTransport, NotSent, RawAnswer, SentWithoutAnswer
from edefter.gib.wssecurity import WEB, MessageSecurity
from edefter.model.environment import Environment
from edefter.model.files import Package
from edefter.observe.events import event
from edefter.signature.port import Seal

_BINDING = f"{{{WEB}}}EDefterWsSoap12Binding"
_PARAMETER = "paketID"  # as in our bundled WSDL


class GibClient:
    """GİB's service for one seal; implements `edefter.gib.port.Authority`. One thread at a time.

    Args:
        settings: address, limits, token form.
        seal: signs every message.
        environment: which hosts and seals are allowed.
        wall: computer time, UTC.
        sleep: waits for seconds (pace, Retry-After).
        monotonic: monotonic seconds.
        on_server_date: called after every answer with a Date header: host, date, round-trip s.
        before_call: called with the operation right before each message is signed; what it raises
            stops the call (the clock guard hooks in here).
        pace: shared between clients of the same endpoint; None = this client's own.

    Raises:
        ConfigError: address, CA bundle or parameter name is unusable.
        EnvironmentMixed: host or seal of another environment.
    """

    def __init__(
        self,
        settings: GibSettings,
        seal: Seal,
        *,
        environment: Environment,
        wall: WallClock,
        sleep: Sleep,
        monotonic: Monotonic,
        on_server_date: Callable[[str, datetime, float], None],
        before_call: Callable[[str], None],
        pace: Pacing | None = None,
    ) -> None:
        self._host = checked_host(settings.base_url, environment)
        check_seal(seal.certificate, environment)
        bundle = str(settings.ca_bundle or requests.utils.DEFAULT_CA_BUNDLE_PATH)
        if not Path(bundle).is_file():
            raise ConfigError("gib.setting_wrong", name="ca_bundle", value=bundle)
        self._settings = settings
        self._wall = wall
        self._on_server_date = on_server_date
        self._before_call = before_call
        self._pace = pace or Pace(settings.pace_s, monotonic, sleep)
        self._parameter = _parameter_name(settings.package_id_parameter)
        self._url = settings.base_url.rstrip("/") + "/" + settings.service_path.lstrip("/")
        # zeep prints whole envelopes at DEBUG; signed books never belong into a log.
        logging.getLogger("zeep").setLevel(logging.WARNING)
        self._security = MessageSecurity(seal, settings.token, settings.timestamp_life_s, wall)
        self._transport = GibTransport(
            bundle=bundle,
            proxy=settings.proxy,
            connect_timeout_s=settings.connect_timeout_s,
            read_timeout_s=settings.read_timeout_s,
            monotonic=monotonic,
        )
        client = zeep.Client(  # type: ignore[no-untyped-call]
            io.BytesIO(_wsdl(self._parameter)),
            wsse=self._security,
            transport=self._transport,
            settings=zeep.settings.Settings(
                xml_huge_tree=True, raw_response=True, forbid_dtd=True, forbid_external=True
            ),
        )
        self._service = client.create_service(_BINDING, self._url)  # type: ignore[no-untyped-call]

    def send(self, package: Package) -> Accepted:
        """Upload one package (sendDocumentFile), once; see `Authority.send`.

        Raises:
            PackageRefused: the package breaks a rule of §4; nothing was sent.
            GibFault, AnswerUnknown, GibUnreachable, GibRedirected, GibHttpRefused: see `errors`.
            SealRefused, WaitingError: from the seal; nothing was sent.
        """
        check_package(
            package,
            max_package_bytes=self._settings.max_package_bytes,
            kebir_upload_until=self._settings.kebir_upload_until,
        )
        payload = FilePayload(package.path, package.size_bytes)
        attachment = {"fileName": package.name.zip, "binaryData": payload.placeholder}
        answer, answered_at, call = self._call(
            Operation.SEND, package.package_id, payload, Attachment=attachment
        )
        text = answer.first_text()
        if not is_accepted(text) or names_other_package(package.package_id, text):
            raise call.unknown(text[:300] or "empty answer")
        event("gib.accepted", "GIB took a package in", package=package.package_id)
        return Accepted(package_id=package.package_id, text=text, received_at=answered_at)

    def status(self, package_id: str) -> BatchStatus:
        """Ask for the newest package of that id (getBatchStatus); 304 is the state NOT_FOUND.

        Raises:
            GibFault, AnswerUnknown, GibUnreachable, GibRedirected, GibHttpRefused: see `errors`.
        """
        try:
            answer, answered_at, _ = self._call(
                Operation.STATUS, package_id, None, **{self._parameter: package_id}
            )
        except GibFault as fault:
            if fault.code_class is not CodeClass.NOT_FOUND:
                raise
            return BatchStatus(
                package_id=package_id,
                code=None,
                text=fault.text_from_gib,
                state=BatchState.NOT_FOUND,
                answered_at=self._wall(),
            )
        code = _integer(answer.text("durumKodu"))
        text = answer.text("durumAciklama") or ""
        named = answer.text("paketKimligi") or package_id
        state = decide(code, text) if same_package(package_id, named) else BatchState.UNKNOWN
        return BatchStatus(
            package_id=named, code=code, text=text, state=state, answered_at=answered_at
        )

    def fetch(self, package_id: str, folder: Path) -> Fetched:
        """Fetch the approved berat (receiveDocumentFile); its proof is the caller's duty (§9).

        Args:
            package_id: as sent.
            folder: an attachment that cannot be used is kept here as
                `gib-answer-<package>-<sha256>.bin`; a usable one is only returned.

        Raises:
            GibAnswerUnusable: not one XML document (empty zip, several members, a bomb).
            GibFault, AnswerUnknown, GibUnreachable, GibRedirected, GibHttpRefused: see `errors`.
        """
        answer, answered_at, call = self._call(
            Operation.RECEIVE, package_id, None, **{self._parameter: package_id}
        )
        try:
            data = answer.binary("binaryData")
        except Unreadable as error:
            raise call.unknown(str(error)) from None
        if data is None:
            raise call.unknown("no binaryData")
        file_name = answer.text("fileName") or f"GIB-{package_id}.xml"
        try:
            name, content = unpack(file_name, data)
        except UnusableAttachment as error:
            kept = f"gib-answer-{package_id}-{hashlib.sha256(data).hexdigest()[:16]}.bin"
            write_bytes(folder / kept, data)
            raise GibAnswerUnusable(
                "gib.answer_unusable", package=package_id, reason=str(error), kept=kept
            ) from None
        return Fetched(file_name=name, data=content, received_at=answered_at)

    def close(self) -> None:
        """Close kept connections; safe to call twice."""
        self._transport.session.close()

    def __enter__(self) -> GibClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _call(
        self, operation: Operation, package_id: str, payload: FilePayload | None, **values: Any
    ) -> tuple[Answer, datetime, Call]:
        """One question and its readable answer, with the moment that GİB answered at."""
        call = Call(operation, package_id, self._url, self._host)
        held_s = self._pace.wait()
        if held_s:
            raise call.unreachable("gib.throttled", "Retry-After", retry_after_s=held_s)
        self._before_call(str(operation))
        self._security.payload = self._transport.payload = payload
        try:
            raw: RawAnswer = self._service[str(operation)](**values)
        except NotSent as error:
            key = "gib.unreachable_tls" if error.tls else "gib.unreachable"
            raise call.unreachable(key, str(error)) from None
        except SentWithoutAnswer as error:
            raise call.unknown(str(error)) from None
        finally:
            self._security.payload = self._transport.payload = None
        date = server_date(raw.headers)
        if date is not None:
            self._on_server_date(self._host, date, raw.round_trip_s)
        now = self._wall()
        wait_s = retry_after_s(raw.headers, now)
        if wait_s:
            self._pace.hold(wait_s)
        try:
            answer = read_answer(call, raw, now=now)
        except (GibFault, AnswerUnknown, GibUnreachable) as error:
            event(
                "gib.refused", "GIB gave no value", operation=str(operation), package=package_id,
                status=raw.status, error=type(error).__name__, code=error.code,
            )  # fmt: skip
            raise
        return answer, date or now, call


def _wsdl(parameter: str) -> bytes:
    """Our bundled WSDL with the configured parameter name."""
    text = resources.files("edefter.gib").joinpath("edefter.wsdl").read_bytes()
    return text.replace(f'name="{_PARAMETER}"'.encode(), f'name="{parameter}"'.encode())


def _parameter_name(configured: str) -> str:
    if configured == "auto":
        return _PARAMETER
    if not re.fullmatch(r"[A-Za-z_][\w.\-]*", configured, flags=re.ASCII):
        raise ConfigError("gib.setting_wrong", name="package_id_parameter", value=configured)
    return configured


def _integer(text: str | None) -> int | None:
    """durumKodu as a number; None for anything else."""
    if text is None or not re.fullmatch(r"[+-]?\d{1,9}", text, flags=re.ASCII):
        return None
    return int(text)
