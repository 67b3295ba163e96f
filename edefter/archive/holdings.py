"""What the portal holds of a firm: states, receipts, list, verification, download."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from edefter.archive.control import Control, error_of
from edefter.archive.errors import ContractViolation
from edefter.archive.pins import ReceiptKeys
from edefter.archive.port import Receipt
from edefter.archive.transport import Problem
from edefter.atomic import atomic_writer

LIST_PAGE = 500
STATES = frozenset({
    "declared", "uploading", "uploaded", "verifying", "stored", "replicated", "notified",
    "expired", "rejected", "superseded",
})  # fmt: skip


class Holdings:
    """Questions about one firm's archives.

    Every method may raise PortalUnreachable, PortalWaiting, PortalSetupRefused,
    PortalFileRefused, ContractViolation and ClockRefused.

    Args:
        control: authorised calls.
        keys: pinned receipt keys.
        firm: VKN/TCKN.
    """

    def __init__(self, control: Control, keys: ReceiptKeys, firm: str) -> None:
        self.firm = firm
        self._control = control
        self._keys = keys

    def state(self, archive_id: str) -> dict[str, Any]:
        """State of one archive; an unknown state is `unknown`, never success."""
        answer = self._json("portal.state", "GET", ("archives", archive_id))
        return answer if answer.get("state") in STATES else {**answer, "state": "unknown"}

    def receipt(self, archive_id: str) -> Receipt:
        """The receipt of a stored archive, its signature verified.

        Raises:
            ContractViolation: it is not valid.
        """
        answer = self._json("portal.receipt", "GET", ("archives", archive_id, "receipt"))
        return self._keys.open(answer, archive_id)

    def receipts(self, after_seq: int = 0) -> Iterator[Receipt]:
        """The firm's receipts in order of `seq`, each with its signature verified."""
        while True:
            query = urlencode({"after_seq": after_seq})
            url = f"{self._control.url('firms', self.firm, 'receipts')}?{query}"
            answer = self._json_at("portal.receipts", "GET", url)
            rows = answer.get("receipts")
            if not isinstance(rows, list):
                raise ContractViolation("archive.bad_answer", what="no receipts")
            for row in rows:
                receipt = self._keys.open(row, "")
                yield receipt
                if receipt.seq <= after_seq:
                    raise ContractViolation("archive.bad_answer", what="receipts not in order")
                after_seq = receipt.seq
            if not rows or not answer.get("more"):
                return

    def archives(self, **filters: str) -> Iterator[dict[str, Any]]:
        """The portal's list, page by page to the end.

        Args:
            filters: `period`, `kind`, `state`, `updated_since`.
        """
        cursor = ""
        while True:
            query = urlencode({**filters, "limit": LIST_PAGE, "cursor": cursor})
            url = f"{self._control.url('firms', self.firm, 'archives')}?{query}"
            answer = self._json_at("portal.list", "GET", url)
            rows = answer.get("archives")
            if not isinstance(rows, list):
                raise ContractViolation("archive.bad_answer", what="no archives")
            yield from rows
            following = str(answer.get("next_cursor") or "")
            if not following or following == cursor:
                return
            cursor = following

    def verify(self, archive_id: str) -> str:
        """Let the portal reread its copy; returns the SHA-256 it finds, lower-case hex."""
        answer = self._json("portal.verify", "POST", ("archives", archive_id, "verify"))
        return str(answer.get("sha256", ""))

    def withdraw(self, archive_id: str, reason: str) -> None:
        """Have a stored archive marked as superseded; nothing is erased, and again is harmless.

        Args:
            archive_id: the portal's id, as in the receipt.
            reason: why, kept there.

        Raises:
            ContractViolation: the portal does not say that it is superseded.
        """
        answer = self._json(
            "portal.withdraw", "POST", ("archives", archive_id, "withdraw"), body={"reason": reason}
        )
        if answer.get("state") != "superseded":
            raise ContractViolation("archive.bad_answer", what="withdrawn but not superseded")

    def download(self, archive_id: str, target: Path, sha256: str) -> None:
        """Fetch a stored file; `target` appears only when the content is the expected one.

        Args:
            sha256: expected, lower-case hex (from manifest or receipt).

        Raises:
            ContractViolation: other content, or a cut that was not told.
            OSError: disk full, no permission.
        """
        url = self._control.url("archives", archive_id, "content")
        with atomic_writer(target) as sink:
            digest = hashlib.sha256()

            def take(block: bytes) -> None:
                digest.update(block)
                sink.write(block)

            def begin_anew() -> None:
                nonlocal digest
                digest = hashlib.sha256()
                sink.seek(0)
                sink.truncate()

            try:
                self._control.call(
                    "portal.download", "GET", url,
                    sink=take, restart=begin_anew, file=target.name,
                )  # fmt: skip
            except Problem as problem:
                raise error_of(problem, firm=self.firm, file=target.name) from None
            if digest.hexdigest() != sha256:
                raise ContractViolation(
                    "archive.download_wrong", file=target.name,
                    given_sha256=digest.hexdigest(), expected_sha256=sha256,
                )  # fmt: skip

    def _json(
        self,
        operation: str,
        method: str,
        path: tuple[str, ...],
        expect: tuple[int, ...] = (200,),
        body: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        return self._json_at(operation, method, self._control.url(*path), expect, body)

    def _json_at(
        self,
        operation: str,
        method: str,
        url: str,
        expect: tuple[int, ...] = (200,),
        body: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        try:
            return self._control.call(operation, method, url, expect=expect, body=body).json()
        except Problem as problem:
            raise error_of(problem, firm=self.firm) from None
