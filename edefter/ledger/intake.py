"""From a source's rows to the staged rows of a book: checked, numbered, measured, kept on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from edefter.errors import InternalError
from edefter.ledger.attachments import problems
from edefter.ledger.checks import BatchChecks
from edefter.ledger.findings import LedgerRule, make
from edefter.ledger.head import LedgerHead
from edefter.ledger.head_xml import unwritable_texts
from edefter.ledger.numbering import Numberer
from edefter.ledger.parts import PartedStage
from edefter.ledger.soundness import sound_vouchers
from edefter.ledger.totals import add, frame_totals, voucher_starts
from edefter.model.documents import BOOKS, Kind
from edefter.model.files import Counters, Totals
from edefter.model.finding import Finding, FindingLog, Place
from edefter.model.journal import JOURNAL, JournalBatch, Layout
from edefter.observe.progress import Progress


class Intake:
    """Takes in the rows of one build; what is wrong with them goes to `findings`.

    Args:
        folder: an own temporary folder; the caller removes it.
        head: of the whole.
        before: last numbers used in the fiscal year.
        numbering: `source`, `assign` or `rebase`.
        findings: shared with the source.
        source_name: how findings name the source.
        most_bytes: of a signed file; None = never divided.
        kinds: the books that are made of the rows.
        layout: of the rows.

    Raises:
        ConfigError: unknown numbering.
    """

    def __init__(
        self,
        folder: Path,
        head: LedgerHead,
        *,
        before: Counters,
        numbering: str,
        findings: FindingLog,
        source_name: str,
        most_bytes: int | None,
        kinds: Sequence[Kind] = BOOKS,
        layout: Layout = JOURNAL,
    ) -> None:
        self._head = head
        self._findings = findings
        self._source_name = source_name
        self._kind = kinds[0]
        self.has_head = True
        for name, value in unwritable_texts(head):
            self.has_head = False
            findings.add(make(LedgerRule.HEAD_CHARACTER, Place(field=name), value))
        attached = list(problems(head.attachments, most_bytes))
        findings.extend(attached)
        if attached or not self.has_head:
            most_bytes = None  # how much is left for entries is not known

        def too_large(voucher: str, size_bytes: int) -> None:
            place = Place(file=source_name, voucher=voucher)
            findings.add(make(LedgerRule.ENTRY_TOO_LARGE, place, size_bytes, most=most_bytes))

        self.stages = PartedStage(folder, head, most_bytes, too_large, kinds, layout)
        self._numberer = Numberer(numbering, before, findings, source_name)
        self._checks = BatchChecks(head, findings, source_name, layout)

    def take(
        self,
        batches: Iterable[JournalBatch],
        progress: Progress,
        *,
        may_be_empty: bool = False,
        after_batch: Callable[[], None] = lambda: None,
    ) -> None:
        """Read, check, number and keep all rows; those of sound vouchers only, once some are not.

        Args:
            batches: whole vouchers in date order; consumed once.
            progress: told about lines read.
            may_be_empty: no row at all is no finding.
            after_batch: called after each batch.

        Raises:
            InternalError: a voucher was split over two batches, or other sums are staged than came.
            DataError: sums beyond 64-bit kuruş, or the source is unusable.
            OSError: the disk refuses.
        """
        totals = self._take_all(batches, progress, after_batch)
        if not totals.lines and not may_be_empty:
            self._findings.add(self._empty())
        if not self._findings.has_errors and totals != self.stages.totals:
            raise InternalError(
                "ledger.totals_differ", source=totals, book="-", written=self.stages.totals
            )

    def _empty(self) -> Finding:
        place = Place(file=self._source_name)
        if self._kind is Kind.E:
            day = self._head.last_day.isoformat()
            return make(LedgerRule.EMPTY_INVENTORY, place, kind=Kind.E, day=day)
        return make(LedgerRule.EMPTY_MONTH, place, period=str(self._head.period))

    def _take_all(
        self,
        batches: Iterable[JournalBatch],
        progress: Progress,
        after_batch: Callable[[], None],
    ) -> Totals:
        totals = Totals()
        last_key: str | None = None
        for batch in batches:
            frame = batch.frame
            if not frame.height:
                continue
            starts = voucher_starts(frame)
            totals = add(totals, frame_totals(frame, int(starts.sum())))
            if last_key is not None and frame["entry_key"][0] == last_key:
                raise InternalError("ledger.split_voucher", voucher=last_key)
            last_key = frame["entry_key"][-1]
            self._checks.check(frame, starts)
            wrong = set(self._findings.error_rows)
            numbered = self._numberer.number(frame, starts)
            sound = sound_vouchers(numbered, wrong) if self._findings.has_errors else numbered
            self.stages.add(sound)
            progress.advance("ledger.read", totals.lines)
            after_batch()
        return totals
