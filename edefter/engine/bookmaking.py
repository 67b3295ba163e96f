"""The books of a build: each written and judged at once, large ones by several processes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edefter.engine.checks import findings_of
from edefter.engine.job import Job
from edefter.engine.piecework import MadeBook, make_book
from edefter.engine.spreading import LARGE_BYTES, get_ready, spread
from edefter.ledger.making import PlannedPart
from edefter.model.documents import BOOKS, Kind
from edefter.model.files import LedgerPart
from edefter.model.finding import FindingLog
from edefter.validation.sets.cross import check_pair

_LINE_BYTES = 1_500


class JudgedBooks:
    """A `BookMaker` that also judges what it writes.

    Args:
        job: the month.
        folder: takes the files.
    """

    def __init__(self, job: Job, folder: Path) -> None:
        self._job = job
        self._folder = folder
        self.begin(FindingLog())

    def begin(self, findings: FindingLog) -> None:
        """Begin with the first row, perhaps anew; `findings` takes warnings about the rows."""
        self._findings = findings
        self._work: list[tuple[PlannedPart, dict[Kind, Callable[[], MadeBook]]]] = []
        self.verdict = FindingLog()

    def expect(self, rows: int) -> None:
        """Hear how many rows there are so far; processes get ready while the rest is read."""
        self._job.services.progress.advance("source.read", rows)
        if rows * _LINE_BYTES >= LARGE_BYTES:
            get_ready(self._job)

    def start(self, plan: PlannedPart) -> None:
        """Begin with both books of a part."""
        size_bytes = plan.stage.lines * _LINE_BYTES
        begun = {k: spread(self._job, size_bytes, make_book, plan, k, self._folder) for k in BOOKS}
        self._work.append((plan, begun))

    def finish(self) -> tuple[LedgerPart, ...]:
        """Wait for all; `verdict` then holds what the rules say of the written books."""
        parts = []
        lines = sum(plan.stage.lines for plan, _ in self._work)
        done = 0
        for plan, begun in self._work:
            made = {kind: result() for kind, result in begun.items()}
            for each in made.values():
                self._findings.merge(each.warnings)
            part = plan.joined(made[Kind.Y].book, made[Kind.K].book)
            self._judge(part, made)
            parts.append(part)
            done += plan.stage.lines
            self._job.services.progress.advance("ledger.made", done, lines)
        return tuple(parts)

    def _judge(self, part: LedgerPart, made: dict[Kind, MadeBook]) -> None:
        job, yevmiye, kebir = self._job, part.yevmiye.path, part.kebir.path
        report = made[Kind.Y].report
        for each in made.values():
            job.judged.note_written(each.book.file, each.book.digest)
        numbers = {"before": part.before, "after": part.after}
        self.verdict.merge(findings_of(job, yevmiye, report, **numbers))
        self.verdict.merge(findings_of(job, kebir, made[Kind.K].report))
        self.verdict.merge(check_pair(yevmiye, kebir, readings=job.judged.readings))

    def abandon(self) -> None:
        """Leave no book; processes that still write one are ended."""
        self._job.end_crew()
        for plan, _ in self._work:
            plan.remove(self._folder)
