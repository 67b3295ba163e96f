"""Bring one file up: create or resume, send chunk by chunk, survive every cut (portal.md §5, §7).

Each restart begins with HEAD; the server's offset decides, but an offset below what it had
acknowledged is a loss, not a restart. The address of the upload and the acknowledged offset are
saved before each PATCH, so that another process continues; the upload token is not saved: the
declaration, which is idempotent, hands it out again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from edefter.archive.chunks import AdaptiveChunk, Budget
from edefter.archive.control import RETRYABLE_STATUS, pause_after, persist
from edefter.archive.errors import ContractViolation, PortalFileRefused
from edefter.archive.port import ArchiveItem, UploadMemory
from edefter.archive.transport import Problem, Trouble
from edefter.archive.tus import Offer, Tus
from edefter.observe.progress import Progress

T = TypeVar("T")
CHECKSUM_TRIES = 3
_AGAIN_AFTER_HEAD = frozenset({"offset-conflict", "upload-locked"})


class UploadGone(Exception):
    """The upload is expired or unknown: declare again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """An open archive at the portal.

    Args:
        archive_id: the portal's id.
        upload_url: creation address, or that of the upload once it exists.
        upload_token: secret, bound to this upload.
    """

    archive_id: str
    upload_url: str
    upload_token: str


class Upload:
    """One upload session of one file.

    Args:
        item: what is sent.
        declared: where to.
        tus: requests with the upload token.
        discover: gives what the server offers; asks it through the function passed in when
            that is not known yet.
        memory: what survives this process.
        chunk: size of the pieces; shared by the files of a run.
        budget: time for tries.
        progress: told `upload` in bytes.
    """

    def __init__(
        self,
        item: ArchiveItem,
        declared: Declared,
        tus: Tus,
        *,
        discover: Callable[[Callable[[], Offer]], Offer],
        memory: UploadMemory,
        chunk: AdaptiveChunk,
        budget: Budget,
        progress: Progress,
    ) -> None:
        self._item = item
        self._declared = declared
        self._tus = tus
        self._discover = discover
        self._checksum = False
        self._memory = memory
        self._chunk = chunk
        self._budget = budget
        self._progress = progress
        self._url = ""
        self._acknowledged = 0

    def run(self) -> None:
        """Send until the portal holds every byte.

        Raises:
            UploadGone: expired or unknown there; declare again.
            Problem: an answer that no retry cures.
            ContractViolation: acknowledged bytes were lost, a foreign `Location` and the like.
            PortalFileRefused: a chunk arrives damaged again and again.
            PortalUnreachable, PortalWaiting, PortalSetupRefused: see `Channel`.
        """
        offer = self._persist(lambda: self._discover(self._tus.discover))
        self._checksum = offer.sha256_chunks
        saved = self._memory.load()
        same = saved.get("archive_id") == self._declared.archive_id
        if same and saved.get("sha256") == self._item.sha256:
            self._url = saved.get("upload_url", "")
            self._acknowledged = int(saved.get("acknowledged", "0"))
        if self._declared.upload_url != self._tus.creation_url:
            self._url = self._tus.checked(self._declared.upload_url)
        if self._url:
            offset = self._head()
            self._learn_from_before(saved, offset)
        else:
            self._create()
            offset = 0
        self._save(max(offset, self._acknowledged))
        while offset < self._item.size_bytes:
            offset = self._send(offset)

    def _learn_from_before(self, saved: dict[str, str], offset: int) -> None:
        """Another process was cut here: what it was sending then tells how good the line is."""
        sending = int(saved.get("sending", "0"))
        if sending and self._url == saved.get("upload_url") and offset < self._item.size_bytes:
            self._chunk.size_bytes = sending
            self._chunk.limit(*self._chunk.limits)
            self._chunk.failed(lost=offset == self._acknowledged)

    def _create(self) -> None:
        metadata = {
            "filename": self._item.file_name,
            "archive_id": self._declared.archive_id,
            "sha256": self._item.sha256,
        }

        size = self._item.size_bytes
        self._url = self._persist(lambda: self._tus.create(size, metadata))

    def _head(self) -> int:
        found = self._persist(lambda: self._tus.head(self._url, self._item.size_bytes))
        if found < self._acknowledged:
            raise ContractViolation(
                "archive.offset_lost", file=self._item.file_name,
                acknowledged=self._acknowledged, offset=found,
            )  # fmt: skip
        return found

    def _send(self, offset: int) -> int:
        """One chunk; returns the offset to go on from."""
        length = min(self._chunk.size_bytes, self._item.size_bytes - offset)
        damaged = 0
        while True:
            try:
                moved = self._tus.patch(
                    self._url, self._item.path, offset, length,
                    checksum=self._checksum,
                )  # fmt: skip
            except Problem as problem:
                if problem.status == 460 or problem.slug == "checksum-mismatch":
                    damaged += 1
                    self._chunk.failed()
                    if damaged > CHECKSUM_TRIES:
                        raise PortalFileRefused(
                            "archive.checksum_repeated", file=self._item.file_name,
                            offset=offset, times=damaged,
                        ) from None  # fmt: skip
                    continue
                return self._after_problem(problem)
            except Trouble as trouble:
                pause_after(self._tus.channel, self._budget, trouble, file=self._item.file_name)
                moved = self._resume(offset)
                self._chunk.failed(lost=moved == offset)
                return moved
            self._chunk.succeeded()
            self._budget.progressed()
            self._save(moved)
            return moved

    def _after_problem(self, problem: Problem) -> int:
        if problem.status in (404, 410):
            raise UploadGone from None
        if problem.slug in _AGAIN_AFTER_HEAD or problem.status in RETRYABLE_STATUS:
            pause_after(self._tus.channel, self._budget, problem, file=self._item.file_name)
            return self._resume(None)
        raise problem

    def _resume(self, before: int | None) -> int:
        offset = self._head()
        if before is not None and offset > before:
            self._budget.progressed()  # the answer was lost, not the bytes
        self._save(offset)
        return offset

    def _save(self, acknowledged: int) -> None:
        self._acknowledged = acknowledged
        self._memory.save({
            "archive_id": self._declared.archive_id,
            "upload_url": self._url,
            "sha256": self._item.sha256,
            "acknowledged": str(acknowledged),
            "sending": str(self._chunk.size_bytes),
        })  # fmt: skip
        self._progress.advance("upload", acknowledged, self._item.size_bytes)

    def _persist(self, once: Callable[[], T]) -> T:
        try:
            return persist(
                self._tus.channel, self._budget, once,
                file=self._item.file_name, also_retry=frozenset({"upload-locked"}),
            )  # fmt: skip
        except Problem as problem:
            if problem.status in (404, 410):
                raise UploadGone from None
            raise
