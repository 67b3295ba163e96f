"""The real client of the archive portal, behind `archive.port.Portal`.

`store` is idempotent by content: declare (the portal knows the content → receipt at once), upload
with resume, finalize, verify the receipt. See docs/design/archive.md for the order and why. A
client may be shared by threads, one `store` each.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from edefter.archive.chunks import AdaptiveChunk, Budget
from edefter.archive.control import Control, error_of
from edefter.archive.credentials import ClientCredentials
from edefter.archive.errors import (
    ContractViolation,
    PortalFileRefused,
    PortalSetupRefused,
    PortalWaiting,
)
from edefter.archive.holdings import Holdings
from edefter.archive.jws import Flaw
from edefter.archive.pins import ReceiptKeys
from edefter.archive.port import ArchiveItem, Receipt, UploadMemory
from edefter.archive.receipts import check_chain, check_item, check_link, payload_sha256
from edefter.archive.transport import Channel, Problem, Redactor, Trouble
from edefter.archive.tus import Offer, Tus
from edefter.archive.upload import Declared, Upload, UploadGone
from edefter.atomic import sha256_file
from edefter.clock.port import Monotonic, Sleep, WallClock
from edefter.config.keeping import PortalSettings
from edefter.config.section import SecretRef
from edefter.errors import ConfigError, EdefterError
from edefter.model.company import Company
from edefter.observe.progress import Progress, SilentProgress

FRESH_STARTS = 2
FINALIZE_POLL_S = 1.0


class PortalClient(Holdings):
    """One firm at the portal.

    Args:
        settings: addresses, bundle, limits, references of the secrets.
        secret: resolves a reference to its secret; asked when a token is needed.
        firm: VKN/TCKN.
        key_folder: private folder for client key, certificate and pinned receipt keys.
        software_version: of this program, for User-Agent and declarations.
        wall, sleep, monotonic: time as arguments.
        on_server_date: receives (`portal <host>`, Date header as UTC, round trip in seconds).
        before_call: receives the name of each call before it is made; may raise to stop it.
        progress: told `upload` in bytes.
        jitter: numbers in [0, 1) that spread the waits.
    """

    def __init__(
        self,
        settings: PortalSettings,
        *,
        secret: Callable[[SecretRef], str],
        firm: str,
        key_folder: Path,
        software_version: str,
        wall: WallClock,
        sleep: Sleep,
        monotonic: Monotonic,
        on_server_date: Callable[[str, datetime, float], None],
        before_call: Callable[[str], None],
        progress: Progress | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.settings = settings
        self._secret = secret
        self._key_folder = key_folder
        self._version = software_version
        self._wall, self._sleep, self._monotonic = wall, sleep, monotonic
        self._jitter = jitter
        self._progress = progress or SilentProgress()
        self._redactor = Redactor()
        self._credentials = ClientCredentials(settings, firm, key_folder, wall)
        self._chunk = AdaptiveChunk(settings.chunk_bytes)
        self._offer: Offer | None = None

        def channel(
            url: str, proxy: str, certificate: Callable[[], tuple[Path, Path] | None]
        ) -> Channel:
            return Channel(
                url, settings, proxy=proxy,
                client_certificate=certificate, user_agent=f"edefter/{software_version}",
                redactor=self._redactor, monotonic=monotonic,
                on_server_date=on_server_date, before_call=before_call,
            )  # fmt: skip

        control = Control(
            channel(settings.control_url, settings.proxy, lambda: None), settings.control_url,
            firm=firm,
            api_key=lambda: self._resolve(settings.api_key, "api_key"),
            api_secret=lambda: self._resolve(settings.api_secret, "api_secret"),
            redactor=self._redactor, monotonic=monotonic, wall=wall, new_budget=self._budget,
        )  # fmt: skip
        keys = ReceiptKeys(
            settings.receipt_keys, key_folder, lambda: self._json("portal.keys", "GET", ("keys",))
        )
        super().__init__(control, keys, firm)
        self._upload_channel = channel(
            settings.upload_url, settings.proxy_of_uploads, self._credentials.pair
        )

    def close(self) -> None:
        """Close this thread's connections; the client stays usable."""
        self._control.channel.reset()
        self._upload_channel.reset()

    # -- registration --------------------------------------------------------------------------

    def register(self, company: Company) -> None:
        """Register the firm (idempotent) and obtain the client certificate if none is held.

        Raises:
            PortalSetupRefused: credentials or firm refused.
            ContractViolation: a certificate that is not for our key.
            PortalUnreachable, PortalWaiting, ClockRefused, OSError.
        """
        body: dict[str, Any] = {
            "title": company.title,
            "branches": [{"number": b.number, "name": b.name} for b in company.branches],
            "fiscal_year_start": company.fiscal_year_start_month,
            "contact": {"email": company.email, "phone": company.phone},
        }
        wanted = self._credentials.wants_certificate()
        if wanted:
            body["client_certificate_request"] = self._credentials.request_pem()
        answer = self._json("portal.register", "PUT", ("firms", self.firm), (200, 201), body)
        if wanted:
            self._credentials.accept(str(answer.get("client_certificate", "")))
            self._upload_channel.reset()

    def firm_state(self) -> dict[str, Any]:
        """What the portal says about the firm (active, quota, limits)."""
        return self._json("portal.firm", "GET", ("firms", self.firm))

    def limits(self) -> dict[str, Any]:
        """The portal's limits; sizes in bytes, times in seconds."""
        return self._json("portal.limits", "GET", ("limits",))

    def uploads_at_once(self) -> int:
        """How many uploads may go side by side: as configured, at most what the portal allows."""
        allowed = self.limits().get("parallel")
        if not isinstance(allowed, int) or isinstance(allowed, bool) or allowed < 1:
            return 1
        return min(self.settings.parallel, allowed)

    def period_state(self, period: str, branch: str = "") -> dict[str, Any]:
        """What the portal expects and holds of a month (portal.md §4).

        Args:
            period: YYYYMM.
            branch: four digits, or empty.

        Raises:
            ContractViolation: it does not say whether the month is complete.
        """
        url = self._control.url("firms", self.firm, "periods", period)
        answer = self._json_at("portal.period", "GET", f"{url}?{urlencode({'branch': branch})}")
        if not isinstance(answer.get("complete"), bool):
            raise ContractViolation("archive.bad_answer", what="period without complete")
        return answer

    # -- storing -------------------------------------------------------------------------------

    def send_ahead(self, item: ArchiveItem, resume: UploadMemory) -> None:
        """Upload one file without having it confirmed; `store` does that, in any order.

        Receipts are a chain, so that confirming is for one at a time; sending is not. Several
        threads may send at once.

        Args:
            item: the file.
            resume: what an earlier process remembered of it.

        Raises:
            As `store`, but for what a receipt can have wrong.
        """
        self._check_file(item, whole=bool(resume.load()))
        budget = self._budget()
        for _ in range(1 + FRESH_STARTS):
            found = self._declare(item, budget)
            if isinstance(found, Receipt) or not found.upload_token:
                return
            tus = Tus(self._upload_channel, self.settings.upload_url, found.upload_token)
            try:
                self._upload(item, found, tus, resume, budget)
                return
            except UploadGone:
                resume.save({})
            except Problem as problem:
                raise self._error(problem, item) from None

    def store(
        self, item: ArchiveItem, resume: UploadMemory, previous: Receipt | None = None
    ) -> Receipt:
        """Declare, upload (resuming) and finalize one file; idempotent by content.

        Args:
            item: the file.
            resume: what an earlier process remembered of it.
            previous: the firm's last receipt known here; None = the chain is not checked.

        Returns:
            The verified receipt.

        Raises:
            PortalUnreachable, PortalWaiting: a later run continues.
            PortalSetupRefused: credentials, certificate, firm.
            PortalFileRefused: other content is held, too large, damaged, changed here.
            ContractViolation: lost bytes, foreign `Location`, invalid receipt.
            ClockRefused: the portal refuses our clock.
            OSError: the file cannot be read.
        """
        self._check_file(item, whole=bool(resume.load()))
        budget = self._budget()
        mismatches = 0
        for _ in range(1 + FRESH_STARTS):
            found = self._declare(item, budget)
            if isinstance(found, Receipt):
                break
            tus = Tus(self._upload_channel, self.settings.upload_url, found.upload_token)
            try:
                if found.upload_token:
                    self._upload(item, found, tus, resume, budget)
                found = self._finalize(item, found.archive_id)
                break
            except UploadGone:
                resume.save({})
            except Problem as problem:
                if problem.slug != "hash-mismatch" or mismatches:
                    raise self._error(problem, item) from None
                # The whole differs although every chunk agreed: once more from the start.
                mismatches += 1
                self._check_file(item, whole=True)
                _abandon(tus, resume)
                resume.save({})
        else:
            raise PortalWaiting(
                "archive.waiting", reason="the upload expired again and again", file=item.file_name
            )
        self._accept(found, item, previous)
        resume.save({})
        return found

    # -- parts of store ------------------------------------------------------------------------

    def _declare(self, item: ArchiveItem, budget: Budget) -> Declared | Receipt:
        body: dict[str, Any] = {
            "package_id": item.package_id,
            "file_name": item.file_name,
            "kind": item.kind,
            "period": item.period,
            "branch": item.branch,
            "part": item.part,
            "size": item.size_bytes,
            "sha256": item.sha256,
            "members": _members(item),
            "ledger_signature_digest": item.ledger_signature_sha256,
            "created_at": self._wall().isoformat(),
            "software": {"name": "edefter", "version": self._version},
        }
        url = self._control.url("firms", item.firm, "archives")
        try:
            answer = self._control.call(
                "portal.declare", "POST", url, expect=(200, 201), body=body,
                headers={"Idempotency-Key": item.sha256}, budget=budget, file=item.file_name,
            ).json()  # fmt: skip
        except Problem as problem:
            raise self._error(problem, item) from None
        if "receipt" in answer:
            return self._keys.open(answer, item.file_name)
        archive_id = answer.get("id")
        if not isinstance(archive_id, str) or not archive_id:
            raise ContractViolation("archive.bad_answer", what="declaration without id")
        self._heed(answer.get("chunk"))
        return Declared(
            archive_id=archive_id,
            upload_url=str(answer.get("upload_url") or self.settings.upload_url),
            upload_token=self._redactor.learn(str(answer.get("upload_token") or "")),
        )

    def _upload(
        self,
        item: ArchiveItem,
        declared: Declared,
        tus: Tus,
        resume: UploadMemory,
        budget: Budget,
    ) -> None:
        if self._credentials.needed and self._credentials.pair() is None:
            raise PortalSetupRefused("archive.client_certificate_missing")
        upload = Upload(
            item, declared, tus,
            discover=self._discover, memory=resume, chunk=self._chunk,
            budget=budget, progress=self._progress,
        )  # fmt: skip
        upload.run()

    def _discover(self, ask: Callable[[], Offer]) -> Offer:
        if self._offer is None:
            self._offer = ask()
        return self._offer

    def _finalize(self, item: ArchiveItem, archive_id: str) -> Receipt:
        begun = self._monotonic()
        url = self._control.url("archives", archive_id, "finalize")
        while True:
            answer = self._control.call(
                "portal.finalize", "POST", url, expect=(200, 202), file=item.file_name
            )
            if answer.status == 200:
                return self._keys.open(answer.json(), item.file_name)
            waited = self._monotonic() - begun
            if waited + FINALIZE_POLL_S > self.settings.finalize_wait_s:
                raise PortalWaiting(
                    "archive.verifying", file=item.file_name, waited_s=round(waited)
                )
            self._sleep(FINALIZE_POLL_S)

    def _accept(self, receipt: Receipt, item: ArchiveItem, previous: Receipt | None) -> None:
        try:
            check_item(receipt, item)
            if previous is None or receipt.seq < previous.seq:
                return  # known content: its receipt lies before the one we know last
            if receipt.seq == previous.seq:
                if payload_sha256(receipt) != payload_sha256(previous):
                    raise Flaw("another receipt bears this number: the chain was forked")
                return
            if receipt.seq == previous.seq + 1:
                check_link(receipt, previous)
                return
            # Receipts that we have not seen lie between: the feed must link them all.
            between = (r for r in self.receipts(previous.seq) if r.seq < receipt.seq)
            check_link(receipt, check_chain(between, previous))
        except Flaw as flaw:
            raise ContractViolation(
                "archive.receipt_wrong", file=item.file_name, what=str(flaw)
            ) from None

    # -- small things --------------------------------------------------------------------------

    def _check_file(self, item: ArchiveItem, *, whole: bool) -> None:
        """Size always, the whole SHA-256 on resume: a changed file is never sent."""
        same = item.path.stat().st_size == item.size_bytes
        if not same or (whole and sha256_file(item.path) != item.sha256):
            raise PortalFileRefused("archive.file_changed", file=item.file_name)

    def _heed(self, limits: Any) -> None:
        """Keep chunks within the limits of a declaration's answer."""
        if not isinstance(limits, dict):
            return
        least, most = limits.get("min"), limits.get("max")
        if isinstance(least, int) and isinstance(most, int) and 0 < least <= most:
            self._chunk.limit(least, most)

    def _resolve(self, reference: SecretRef | None, what: str) -> str:
        if reference is None:
            raise ConfigError("archive.not_configured", what=what)
        return self._secret(reference)

    def _budget(self) -> Budget:
        return Budget(self.settings.retry_limit_s, self._sleep, self._monotonic, self._jitter)

    def _error(self, problem: Problem, item: ArchiveItem) -> EdefterError:
        return error_of(
            problem, firm=item.firm, file=item.file_name,
            package_id=item.package_id, kind=item.kind, given_sha256=item.sha256,
        )  # fmt: skip


def _abandon(tus: Tus, resume: UploadMemory) -> None:
    """Throw a refused upload away; what cannot be thrown away expires by itself."""
    url = resume.load().get("upload_url")
    if url:
        with contextlib.suppress(Problem, Trouble):
            tus.abandon(url)


def _members(item: ArchiveItem) -> list[dict[str, Any]]:
    """Name, size and SHA-256 of each member of a bundle; other kinds have none."""
    if item.kind != "BUNDLE":
        return []
    rows: list[dict[str, Any]] = []
    with zipfile.ZipFile(item.path) as bundle:
        for info in bundle.infolist():
            digest = hashlib.sha256()
            with bundle.open(info) as member:
                while block := member.read(1 << 20):
                    digest.update(block)
            rows.append(
                {"name": info.filename, "size": info.file_size, "sha256": digest.hexdigest()}
            )
    return rows
