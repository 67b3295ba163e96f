"""From a part that is complete to its two books on disk, in turn or by several processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from edefter.atomic import atomic_writer
from edefter.errors import InternalError
from edefter.ledger.attachments import CARRIERS, write_attachments
from edefter.ledger.entries import write_entries
from edefter.ledger.head import LedgerHead
from edefter.ledger.head_xml import END_OF_ENTRIES, END_OF_ROOT, prologue
from edefter.ledger.kebir import turnovers_of, write_kebir
from edefter.ledger.parts import StagedPart, head_of
from edefter.ledger.render import Renderer
from edefter.ledger.sink import HashingSink
from edefter.ledger.stage import Stage
from edefter.ledger.totals import same_books
from edefter.model.documents import BOOKS, Kind
from edefter.model.files import Beginning, Counters, LedgerPart, StoredFile, Totals
from edefter.model.finding import FindingLog
from edefter.model.turnover import Turnover
from edefter.observe.progress import Progress

SERIALS = {Kind.Y: "yevmiye_serial", Kind.K: "kebir_serial", Kind.E: "inventory_serial"}
"""Which counter numbers the files of a book."""


@dataclass(frozen=True, slots=True)
class Book:
    """One written book.

    Args:
        file: the unsigned ledger.
        digest: SHA-256 of its canonical form, as a signature refers to it.
        totals: sums counted while it was written.
        turnovers: by main account; of a kebir.
        entries: the file up to its last entry and the line feed behind that.
    """

    file: StoredFile
    digest: bytes
    totals: Totals
    turnovers: Mapping[str, Turnover]
    entries: Beginning


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """A part whose rows, days and numbers are fixed; may be handed to another process.

    Args:
        head: its head.
        stage: its rows, on disk.
        before, after: counters that it starts from, and that the next one starts from.
    """

    head: LedgerHead
    stage: Stage
    before: Counters
    after: Counters

    def write_book(
        self, kind: Kind, folder: Path, findings: FindingLog, progress: Progress
    ) -> Book:
        """Write one book, under a temporary name until it is whole.

        Args:
            kind: Y, K or E.
            folder: takes the file; one of that name is replaced.
            findings: takes warnings.
            progress: told about lines written.

        Raises:
            InternalError: other sums were written than were staged.
            OSError: the disk refuses.
        """
        head, stage = self.head, self.stage
        name = head.name(kind)
        path = folder / name.xml
        renderer = Renderer(kind, head.company.book_currency, head.branch)
        turnovers: dict[str, Turnover] = {}
        serial: int = getattr(self.after, SERIALS[kind])
        with atomic_writer(path) as file:
            text = prologue(head, kind, serial, multi_currency=stage.multi_currency)
            declaration, _, rest = text.partition("\n")
            sink = HashingSink(file, f"{declaration}\n".encode())
            sink.write(rest.encode())
            if kind is Kind.K:
                accounts = stage.accounts()
                totals = write_kebir(stage, accounts, sink, renderer, findings, progress)
                turnovers = turnovers_of(accounts)
            else:
                totals = write_entries(stage, sink, renderer, head.branch, progress)
            entries = sink.so_far()
            sink.write(END_OF_ENTRIES.encode())
            if kind in CARRIERS:
                write_attachments(head.attachments, sink)
            sink.write(END_OF_ROOT.encode())
            # Headers of a kebir are counted where entries of a yevmiye are.
            same = same_books(stage.totals, totals)
            if not same or (kind is not Kind.K and totals != stage.totals):
                raise InternalError(
                    "ledger.totals_differ", source=stage.totals, book=name.stem, written=totals
                )
        return Book(sink.stored(path, name), sink.canonical_digest, totals, turnovers, entries)

    def joined(self, yevmiye: Book, kebir: Book) -> LedgerPart:
        """The part, when both of its books are written, each with the sums of the rows."""
        return LedgerPart(
            yevmiye=yevmiye.file,
            kebir=kebir.file,
            source_totals=self.stage.totals,
            yevmiye_totals=yevmiye.totals,
            kebir_totals=kebir.totals,
            first_day=self.head.first_day,
            last_day=self.head.last_day,
            before=self.before,
            after=self.after,
            turnovers=kebir.turnovers,
        )

    def write(self, folder: Path, findings: FindingLog, progress: Progress) -> LedgerPart:
        """Write both books here, one after the other."""
        books = [self.write_book(k, folder, findings, progress) for k in (Kind.Y, Kind.K)]
        return self.joined(*books)

    def remove(self, folder: Path) -> None:
        """Leave no book of this part."""
        for kind in (Kind.Y, Kind.K):
            (folder / self.head.name(kind).xml).unlink(missing_ok=True)


class BookMaker(Protocol):
    """Writes the books of parts, in whatever order and wherever it likes."""

    def start(self, plan: PlannedPart) -> None:
        """A part is complete: its books may be written from now on."""

    def finish(self) -> tuple[LedgerPart, ...]:
        """All parts that were started, in order, when all of their books are written."""

    def abandon(self) -> None:
        """Nothing is wanted any more: no file stays. May be called at any time, also twice."""


class InTurn:
    """Writes all books at the end, one after the other.

    Args:
        folder: takes the files.
        findings: takes warnings.
        progress: told about lines written.
    """

    def __init__(self, folder: Path, findings: FindingLog, progress: Progress) -> None:
        self._folder = folder
        self._findings = findings
        self._progress = progress
        self._plans: list[PlannedPart] = []
        self._begun: list[PlannedPart] = []

    def start(self, plan: PlannedPart) -> None:
        """As of `BookMaker`."""
        self._plans.append(plan)

    def finish(self) -> tuple[LedgerPart, ...]:
        """As of `BookMaker`."""
        parts = []
        for plan in self._plans:
            self._begun.append(plan)
            parts.append(plan.write(self._folder, self._findings, self._progress))
        return tuple(parts)

    def abandon(self) -> None:
        """As of `BookMaker`; what was not begun is not touched."""
        for plan in self._begun:
            plan.remove(self._folder)


class Planner:
    """Gives each part its days and numbers, as soon as they are certain.

    Serials grow by one with each part and book (lifecycle.md §4).

    Args:
        head: of the whole.
        before: counters that the first part starts from.
        kinds: the books that each part has.
    """

    def __init__(self, head: LedgerHead, before: Counters, kinds: Sequence[Kind] = BOOKS) -> None:
        self._kinds = kinds
        month = head.period
        # An envanter is whole on its one day.
        self._is_whole = Kind.E in kinds or (
            (head.first_day, head.last_day) == (month.first_day, month.last_day)
        )
        self._head = head
        self._before = before
        self._last: LedgerHead | None = None
        self._given = 0

    def closed(self, parts: Sequence[StagedPart]) -> Iterator[PlannedPart]:
        """Parts that another one follows already, each once."""
        return self._next(parts, len(parts) - 1)

    def all(self, parts: Sequence[StagedPart]) -> Iterator[PlannedPart]:
        """All parts that were not given yet; nothing follows them."""
        return self._next(parts, len(parts))

    def _next(self, parts: Sequence[StagedPart], until: int) -> Iterator[PlannedPart]:
        while self._given < until:
            part = parts[self._given]
            head = head_of(self._head, parts, self._given, self._last, is_whole=self._is_whole)
            before = self._before
            has_entries = part.stage.lines > 0
            serials = {SERIALS[kind]: getattr(before, SERIALS[kind]) + 1 for kind in self._kinds}
            after = replace(
                before,
                entry_no=part.entry_no if has_entries else before.entry_no,
                line_no=part.line_no if has_entries else before.line_no,
                **serials,
            )
            self._last, self._before = head, after
            self._given += 1
            yield PlannedPart(head, part.stage, before, after)
