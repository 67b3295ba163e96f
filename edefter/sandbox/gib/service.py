"""The three operations of the simulated GİB, after a message passed WS-Security."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import threading
import time
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from edefter.model.documents import DocumentName, Kind
from edefter.model.identity import TaxId
from edefter.sandbox.gib import dsig, soap
from edefter.sandbox.gib.countersign import CounterSeal
from edefter.sandbox.gib.knobs import Knobs, Setting
from edefter.sandbox.gib.receive import attachment
from edefter.sandbox.gib.soap import SOAP, Fault, Reply
from edefter.sandbox.gib.store import Row, Store
from edefter.sandbox.gib.texts import TEXTS
from edefter.sandbox.gib.trust import Trust
from edefter.sandbox.gib.worker import Worker
from edefter.sandbox.gib.wss import Caller, Policy, check_message
from edefter.sandbox.process import record

DEFAULT_MAX_PACKAGE_BYTES = 50_000_000
DEFAULT_DELAY_S = 0.3
_REPLAYS_KEPT = 10_000


@dataclass(slots=True)
class Seen:
    """What a request turned out to be, for the journal and for cutting it off.

    Args:
        operation: local name of the wrapper; empty when unreadable.
        package_id: what it is about.
        sha256: of an uploaded zip.
        signer: tax number of who signed the message.
        accepted: whether a package was taken in.
    """

    operation: str = ""
    package_id: str = ""
    sha256: str = ""
    signer: str = ""
    accepted: bool = False


class Service:
    """State and behaviour of the service.

    Args:
        state: its folder.
        pki: folder of the sandbox PKI.
        gib_seal: PKCS#12 file of GİB's seal.
        consents: per taxpayer, other tax numbers that may sign and send.
    """

    def __init__(
        self, state: Path, pki: Path, gib_seal: Path, consents: dict[str, list[str]]
    ) -> None:
        self._state = state
        self._granted = consents
        self.knobs = Knobs(state)
        self._store = Store(state)
        self._trust = Trust(pki)
        self._replays: OrderedDict[str, None] = OrderedDict()
        self._journal_lock = threading.Lock()
        self._worker = Worker(
            self._store, self._trust, CounterSeal(gib_seal), self.knobs, self.now, self.consents
        )

    def now(self) -> datetime:
        """GİB's clock, which a knob may shift."""
        return datetime.now(UTC) + timedelta(seconds=self.knobs.now().number("clock_shift_s", 0))

    def consents(self) -> dict[str, list[str]]:
        """Who may act for whom: started with, plus the knob `consents`."""
        extra: dict[str, Any] = self.knobs.now().values.get("consents", {})
        merged = {taxpayer: list(signers) for taxpayer, signers in self._granted.items()}
        for taxpayer, signers in extra.items():
            merged.setdefault(taxpayer, []).extend(str(signer) for signer in signers)
        return merged

    def journal(self, seen: Seen, verdict: str) -> None:
        """Write down one request and what became of it."""
        with self._journal_lock:
            record(
                self._state,
                at=datetime.now(UTC).isoformat(),
                operation=seen.operation,
                package_id=seen.package_id,
                sha256=seen.sha256,
                signer=seen.signer,
                verdict=verdict,
            )

    def answer(self, data: bytes, setting: Setting, seen: Seen) -> Reply:
        """Answer one request; what it was is written into `seen`, its outcome into the journal."""
        style = setting.text("fault_style", "detail")
        try:
            reply, verdict = self._dispatch(data, setting, seen)
        except Fault as fault:
            kind = f"security:{fault.subcode}" if fault.subcode else str(fault.code or "fault")
            self.journal(seen, kind)
            return soap.fault_answer(fault, style)
        self.journal(seen, verdict)
        return reply

    def _dispatch(self, data: bytes, setting: Setting, seen: Seen) -> tuple[Reply, str]:
        try:
            message = dsig.parse(data)
        except ValueError as error:
            raise Fault(str(error)) from None
        if message.tag != f"{{{SOAP}}}Envelope":
            raise Fault("SOAP 1.2 iletisi değil")
        bodies = message.findall(f"{{{SOAP}}}Body")
        wrappers = [e for e in bodies[0] if isinstance(e.tag, str)] if len(bodies) == 1 else []
        if len(wrappers) != 1 or wrappers[0].tag not in {
            f"{{{soap.WEB}}}{name}" for name in soap.OPERATIONS
        }:
            raise Fault("Bilinmeyen işlem")
        request = wrappers[0]
        seen.operation = soap.local(request)
        policy = Policy(
            setting.number("freshness_s", 300),
            setting.number("future_s", 60),
            setting.flag("accept_ec", True),
        )
        caller = check_message(message, self._trust, self.now(), policy)
        seen.signer = caller.tax_number
        self._refuse_replay(caller)
        for package_id in setting.names("deleted"):
            self._store.delete(package_id, setting.changed_at)
        operations: dict[str, Callable[[etree._Element, Setting, Seen], tuple[Reply, str]]] = {
            "sendDocumentFile": self._send,
            "getBatchStatus": self._status,
            "receiveDocumentFile": self._receive,
        }
        return operations[seen.operation](request, setting, seen)

    def _send(self, request: etree._Element, setting: Setting, seen: Seen) -> tuple[Reply, str]:
        holder = next(
            (e for e in request if isinstance(e.tag, str) and soap.local(e) == "Attachment"), None
        )
        if holder is None:
            raise _coded(103)
        file_name = (soap.child_text(holder, "fileName") or "").strip()
        encoded = soap.child_text(holder, "binaryData") or ""
        seen.package_id = file_name.removesuffix(".zip")
        try:
            data = base64.b64decode("".join(encoded.split()), validate=True)
        except (binascii.Error, ValueError):
            raise _coded(107) from None
        seen.sha256 = hashlib.sha256(data).hexdigest()
        injected = setting.act("fault", "sendDocumentFile")
        if injected and not setting.flag("fault_after_accept"):
            raise _coded(int(injected))
        if not file_name:
            raise _coded(104)
        if not data:
            raise _coded(105)
        if len(data) > setting.number("max_package_bytes", DEFAULT_MAX_PACKAGE_BYTES):
            raise _coded(106)
        name = _package_name(file_name)
        self._check_roles(seen.signer, name, setting)
        with self._store.lock:
            row = self._store.newest(name.package_id)
            if row is not None and self._visible(row, setting)[0] != -1:
                raise _coded(111)
            self._store.add(name, seen.signer, seen.sha256, data, time.time())
        seen.accepted = True
        self._worker.wake()
        if injected:
            raise _coded(int(injected))
        return soap.upload_answer(f"{name.package_id} paketi işleme alındı"), "accepted"

    def _status(self, request: etree._Element, setting: Setting, seen: Seen) -> tuple[Reply, str]:
        seen.package_id = package_id = _package_id(request, setting)
        injected = setting.act("fault", "getBatchStatus")
        if injected:
            raise _coded(int(injected))
        row = self._store.newest(package_id)
        if row is None:
            raise _coded(304)
        if not self._may_ask(seen.signer, row):
            raise _coded(305)
        code, text = self._visible(row, setting)
        other_words = setting.act("status_text", "getBatchStatus")
        if other_words:
            return soap.status_answer(7, str(other_words), row.package_id), "status:text"
        if code >= 0 and setting.first("queued_polls", row.package_id):
            code, text = 1, TEXTS["queued"]
        if code == 0 and setting.first("pending_polls", row.package_id):
            code, text = 2, TEXTS["pending"]
        if code == 2 and setting.flag("zero_with_pending"):
            code = 0
        return soap.status_answer(code, text, row.package_id), f"status:{code}"

    def _receive(self, request: etree._Element, setting: Setting, seen: Seen) -> tuple[Reply, str]:
        seen.package_id = package_id = _package_id(request, setting)
        injected = setting.act("fault", "receiveDocumentFile")
        if injected:
            raise _coded(int(injected))
        row = self._store.approved(package_id)
        if row is None or self._visible(row, setting)[0] != 0 or self._lags(row, setting):
            raise _coded(204)
        if not self._may_ask(seen.signer, row):
            raise _coded(205)
        wrong = setting.act("receive", "receiveDocumentFile")
        name = f"GIB-{row.package_id}"
        content = attachment(self._store, row, str(wrong or ""))
        if wrong != "bare_xml":
            content = _zipped(f"{name}.xml", content)
        file_name = f"{name}.xml" if wrong == "bare_xml" else f"{name}.zip"
        reply = soap.file_answer(file_name, content, mtom=setting.flag("mtom"))
        return reply, f"delivered:{wrong}" if wrong else "delivered"

    def _visible(self, row: Row, setting: Setting) -> tuple[int, str]:
        """durumKodu and text of an upload now: 1 queued, 2 ledger pending, 0 done, −1 failed."""
        age = time.time() - row.accepted_at
        berat_at = setting.number("berat_delay_s", DEFAULT_DELAY_S)
        has_ledger = DocumentName.parse(row.package_id).kind is not Kind.KB or (
            row.stage == "ledger" or len(self._members(row)) == 2
        )
        ledger_at = berat_at + (
            setting.number("ledger_delay_s", DEFAULT_DELAY_S) if has_ledger else 0.0
        )
        if row.state == "queued" or age < berat_at:
            return 1, TEXTS["queued"]
        if row.error and row.stage == "berat":
            return -1, TEXTS["failed"] + row.error
        if age < ledger_at:
            return 2, TEXTS["pending"]
        if row.error:
            return -1, TEXTS["failed"] + row.error
        return 0, TEXTS["done"]

    def _members(self, row: Row) -> list[str]:
        try:
            with zipfile.ZipFile(self._store.package_path(row)) as archive:
                return archive.namelist()
        except zipfile.BadZipFile:
            return []

    def _lags(self, row: Row, setting: Setting) -> bool:
        """Approval signing may lag behind the status (§8, 204 after success)."""
        lag = setting.number("approval_delay_s", 0)
        return lag > 0 and time.time() - row.accepted_at < lag

    def _may_ask(self, signer: str, row: Row) -> bool:
        """The taxpayer always; anybody else only for what he sent himself (§1)."""
        return signer in (row.tax_number, row.sender)

    def _check_roles(self, signer: str, name: DocumentName, setting: Setting) -> None:
        if signer in setting.names("unknown_signers"):
            raise _coded(101)
        if {signer, name.tax_number} & set(setting.names("without_role")):
            raise _coded(102)
        if signer != name.tax_number and signer not in self.consents().get(name.tax_number, []):
            raise _coded(109)
        if name.tax_number in setting.names("suspended"):
            raise _coded(114)

    def _refuse_replay(self, caller: Caller) -> None:
        with self._journal_lock:
            if caller.signature_value in self._replays:
                raise Fault("İleti daha önce alınmış", subcode="InvalidSecurity")
            self._replays[caller.signature_value] = None
            while len(self._replays) > _REPLAYS_KEPT:
                self._replays.popitem(last=False)


def _coded(code: int) -> Fault:
    return Fault(TEXTS.get(str(code), f"Bilinmeyen hata {code}"), code=code)


def _package_name(file_name: str) -> DocumentName:
    try:
        if not file_name.endswith(".zip"):
            raise ValueError("no zip")
        name = DocumentName.parse(file_name)
        TaxId(name.tax_number)
    except ValueError:
        raise _coded(108) from None
    if name.approved or name.kind not in (Kind.YB, Kind.KB, Kind.EB, Kind.DR):
        raise _coded(108)
    return name


def _package_id(request: etree._Element, setting: Setting) -> str:
    strict = setting.text("paket_id")
    names = (strict,) if strict else ("paketID", "PaketID")
    value = soap.child_text(request, *names)
    if value is None:
        raise Fault("Unmarshalling Error: paketID")
    return value.strip()


def _zipped(name: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        if content:
            archive.writestr(name, content)
    return target.getvalue()
