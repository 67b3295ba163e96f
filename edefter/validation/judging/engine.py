"""Runs the table of rules over the records of one document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from edefter.model.documents import Kind
from edefter.model.finding import FindingLog, Layer, Place
from edefter.validation import names
from edefter.validation.gathering.reading import Reading
from edefter.validation.judging.attributes import AttributeCheck
from edefter.validation.judging.entries_proof import Counted, EntriesProof
from edefter.validation.judging.order import LaterDates, Successors
from edefter.validation.judging.scribe import Scribe
from edefter.validation.judging.shortcut import LineShortcut
from edefter.validation.judging.tally import Tally
from edefter.validation.judging.walk import records_of
from edefter.validation.proof.runs import EntryRun, LineRun
from edefter.validation.reading.extract import Element, read_document
from edefter.validation.reading.handler import Piece
from edefter.validation.reading.offsets import Offsets
from edefter.validation.records import (
    Detail,
    Document,
    Header,
    Stray,
)
from edefter.validation.report import Facts
from edefter.validation.rule import Context, Rule, rules_for
from edefter.validation.rules.gathered import (
    KebirAccounts,
    KebirTotals,
    ReportTotals,
    TaxTotals,
)
from edefter.validation.schema.schema_check import SchemaCheck
from edefter.validation.xpath import Abort, Value, each


class _Totals(Protocol):
    def add(self, detail: Detail) -> None:
        """Take over one line."""


_TOTALS: dict[str, type[KebirTotals] | type[TaxTotals] | type[ReportTotals]] = {
    "K": KebirTotals,
    "B": TaxTotals,
    "R": ReportTotals,
}
_GATHERING = {"K": "HDR-08", "B": "HDR-04", "R": "HDR-03"}  # the rules that need it


class Engine:
    """Takes what the reader hands out and judges it.

    Args:
        name: file name.
        kind: whose rules are applied.
        schema: checks the pieces.
        offsets: knows where elements stand.
        signed: False leaves the rules about the signature out.
        own: whether the strict layer's findings are errors.
        limit_per_rule: how many findings of a rule are kept.
        known: the document without its entries, when an earlier pass read it.
        gather: whether lines are gathered for comparisons with other documents.
    """

    def __init__(
        self,
        name: str,
        kind: Kind,
        schema: SchemaCheck,
        offsets: Offsets,
        *,
        signed: bool,
        own: bool,
        limit_per_rule: int,
        known: Document | None = None,
        gather: bool = False,
    ) -> None:
        self.family = names.FAMILIES[kind]
        self.kind = kind
        self.name = name
        self._schema = schema
        self._rules = rules_for(self.family, signed=signed)
        self._scribe = Scribe(name, kind, offsets, own=own, limit_per_rule=limit_per_rule)
        self._attributes = AttributeCheck(self._rules, self._scribe)
        self.known = known
        self.document = self._judged_by = known or Document(name, kind)
        self._root_fits = True
        self._counters = Successors(lenient=False)
        self._dates = LaterDates()
        self._lines = Successors(lenient=True)
        self._consecutive = self.family in ("Y", "E")
        self._entries: dict[Element, tuple[int, KebirAccounts]] = {}
        self._previous_account: tuple[str, str] | None = None
        self._shortcut: LineShortcut | None = None
        self._tally = Tally()
        self.reading = Reading() if gather else None

    @property
    def official(self) -> FindingLog:
        """Findings of the official rules."""
        return self._scribe.official

    @property
    def strict(self) -> FindingLog:
        """Findings of the strict layer."""
        return self._scribe.strict

    @property
    def aborts(self) -> FindingLog:
        """Places where the official engine would stop."""
        return self._scribe.aborts

    # what the reader calls ------------------------------------------------------------------
    def begin(self, root: Element) -> None:
        """Read what stands before the first entry."""
        self._root_fits = root.tag == names.ROOTS[self.kind]
        if self.known is None:
            self.document = self._judged_by = read_document(root, self.name, self.kind)

    def lines(self, header: Header, details: list[Detail]) -> None:
        """Judge lines of one entry."""
        if not self._root_fits:
            return
        self._note(details)
        if header.detail_count == 0:
            self._open_header(header)
        totals: Any = header.totals
        for detail in details:
            for stray in detail.strays:
                self.stray(stray, header)
            if header.first is None:
                header.first = detail
                detail.is_first = True
            header.detail_count += 1
            detail.previous_line = self._tally.last_line
            self._tally.last_line = detail.line_number
            self._add_amount(header, detail)
            if self._consecutive:
                self._lines.add(detail.line_number, detail)
                continue
            if totals is not None:
                self._gather(totals, detail)
            if header.line_steps is not None:
                header.line_steps.add(detail.line_number, detail)
        shortcut = self._shortcut
        if shortcut is None or shortcut.document is not self.document:
            shortcut = LineShortcut(self._rules[Context.DETAIL], self.document)
            self._shortcut = shortcut
        for detail in details:
            self._ask(shortcut.left(detail), detail)
            for measurable in detail.measurables:
                self._judge(Context.MEASURABLE, measurable)
        if self._tally.first_line is None and details:
            self._tally.first_line = details[0].line_number
        self._tally.lines += len(details)

    def _note(self, details: list[Detail]) -> None:
        if self.reading is not None:
            for detail in details:
                self.reading.add(detail)

    def stray(self, stray: Stray, header: Header | None) -> None:
        """Let the rules about what follows see an element that is not judged."""
        if not self._root_fits:
            return
        if self._consecutive:
            if stray.tag == names.HEADER:
                self._counters.pass_by(stray.counter)
                self._dates.pass_by(stray.entered_date)
            if stray.tag == names.DETAIL:
                self._lines.pass_by(stray.line_number)
            elif stray.line_number is not None:
                self._lines.block()
        elif stray.is_sibling and header is not None:
            if header.line_steps is not None and stray.line_number is not None:
                header.line_steps.block()
            if isinstance(header.totals, KebirTotals):
                header.totals.pass_by(stray.line_counter)

    def _open_header(self, header: Header) -> None:
        header.lines_before = self._lines.count
        maker = _TOTALS.get(self.family)
        if maker is not None and header.totals is None:
            header.totals = maker()
        if self.family in ("B", "R"):
            header.line_steps = Successors(lenient=True)
        header.previous_counter, header.previous_date = (
            self._tally.last_counter,
            self._tally.last_date,
        )

    def _gather(self, totals: _Totals, detail: Detail) -> None:
        try:
            totals.add(detail)
        except Abort as stop:
            self._scribe.aborted(_GATHERING[self.family], detail, stop)

    def _add_amount(self, header: Header, detail: Detail) -> None:
        side = detail.dc
        if side in ("D", "debit"):
            header.debit.add(detail.amount)
        elif side in ("C", "credit"):
            header.credit.add(detail.amount)
        elif isinstance(side, tuple):
            if "D" in side or "debit" in side:
                header.debit.add(detail.amount)
            if "C" in side or "credit" in side:
                header.credit.add(detail.amount)

    def header(self, header: Header, entries: Element) -> None:
        """Judge an entry whose lines have all been seen."""
        if not self._root_fits:
            return
        self._tally.entries += 1
        if self.family == "K":
            header.previous_account = self._previous_account
            self._previous_account = header.account
        self._tally.debit.take(header.debit)
        self._tally.credit.take(header.credit)
        count, accounts = self._entries.get(entries, (0, KebirAccounts()))
        if self.family == "K":
            try:
                accounts.add(header)
            except Abort as stop:
                self._scribe.aborted("AEN-03", header, stop)
        self._entries[entries] = (count + 1, accounts)
        if self._consecutive:
            if header.has_line_number:  # earlier lines are followed by it, its own are not
                self._lines.block(header.lines_before)
            self._counters.add(header.counter, header)
            self._dates.add(header.entered_date, header)
            self._tally.first_counter = self._tally.first_counter or header.counter
        self._judge(Context.HEADER, header)
        if header.line_steps is not None:
            self._steps(Context.LINE_STEP, "DET-02", header.line_steps)
        self._tally.last_counter, self._tally.last_date = header.counter, header.entered_date

    def piece(self, piece: Piece) -> None:
        """Check a piece against the schema and its attributes against the rules."""
        if not piece.is_usual:
            self._attributes.check(piece, self.document, root_fits=self._root_fits)
        self._schema.check(piece)

    # what the fast path calls ---------------------------------------------------------------
    @property
    def may_prove(self) -> bool:
        """Whether entries may be proven without a record of each."""
        return self._root_fits and self.family in ("Y", "K")

    def rules_of(self, context: Context) -> tuple[Rule, ...]:
        """The rules of this document that judge a context."""
        return self._rules[context]

    def previous(self) -> tuple[Value, Value, Value]:
        """Counter and date of the last entry, number of the last line."""
        return self._tally.last_counter, self._tally.last_date, self._tally.last_line

    def take_entries(self, entries: Element, run: EntryRun) -> None:
        """Take over entries of a yevmiye that are proven to have no finding."""
        self._tally.entries += run.entries
        self._tally.lines += run.lines
        self._tally.debit.kurus += run.debit_kurus
        self._tally.credit.kurus += run.credit_kurus
        count, accounts = self._entries.get(entries, (0, KebirAccounts()))
        self._entries[entries] = (count + run.entries, accounts)
        last, line = run.last_header, run.last_line
        self._counters.add_run(run.first_counter, run.last_counter, last)
        self._dates.add(last.entered_date, last)
        self._lines.add_run(run.first_line, run.last_line_number, line)
        self._tally.first_counter = self._tally.first_counter or str(run.first_counter)
        if self._tally.first_line is None:
            self._tally.first_line = str(run.first_line)
        self._tally.last_counter, self._tally.last_date = last.counter, last.entered_date
        self._tally.last_line = line.line_number

    def take_lines(self, header: Header, run: LineRun) -> None:
        """Take over lines of a kebir account that are proven to have no finding."""
        if header.detail_count == 0:
            self._open_header(header)
        header.detail_count += run.lines
        header.debit.kurus += run.debit_kurus
        header.credit.kurus += run.credit_kurus
        if header.first is None:
            header.first = run.first_line
            run.first_line.is_first = True
        if isinstance(header.totals, KebirTotals):
            header.totals.add_run(run.accounts, run.first_counter, run.last_counter)
        if self._tally.first_line is None:
            self._tally.first_line = run.first_line.line_number
        self._tally.last_line = run.last_line_number
        self._tally.lines += run.lines

    def gather(
        self, columns: Mapping[str, Sequence[bytes]], kurus: Sequence[int], first: int, last: int
    ) -> None:
        """See the written texts of lines that `take_entries` or `take_lines` takes over."""
        if self.reading is not None:
            self.reading.add_rows(columns, kurus, first, last)

    def counted(self) -> Counted:
        """What was counted so far; complete behind the last entry."""
        return self._tally.counted()

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found yet, and every amount and number was plain."""
        found = self.official.total or self.strict.total or self.aborts.total
        return not found and self._tally.is_plain

    def take_all(self, entries: Element, proof: EntriesProof) -> None:
        """Take over all further entries of a document whose entries were judged before.

        Args:
            entries: the accountingEntries they stand in; at least one entry of it was judged.
            proof: of these very bytes.
        """
        before, now = self.counted(), proof.counted
        if self._consecutive and now.entries > before.entries:
            header = Header(0)
            header.__dict__["counter"] = now.last_counter
            header.__dict__["entered_date"] = now.last_date
            detail = Detail(header)
            detail.__dict__["line_number"] = now.last_line
            first, last = _whole(before.last_counter) + 1, _whole(now.last_counter)
            self._counters.add_run(first, last, header)
            self._dates.add(now.last_date, header)
            self._lines.add_run(_whole(before.last_line) + 1, _whole(now.last_line), detail)
        _, accounts = self._entries.get(entries, (0, KebirAccounts()))
        self._entries[entries] = (now.entries, accounts)
        self._tally.take_all(now)
        if self.reading is not None and proof.reading is not None:
            self.reading = proof.reading

    def doubtful_texts(
        self, root: Element, where: Callable[[int], tuple[Header | Detail, str, int]]
    ) -> None:
        """Ask the schema about single elements.

        Args:
            root: an accountingEntries with one entry for each of them.
            where: tells by index the record it belongs to, its name, and its line in the file.
        """

        def place(index: int) -> Place:
            record, name, line = where(index)
            return replace(self._scribe.place(record, name), xml_line=line)

        self._schema.check_texts(root, place)

    # the rest of the document ---------------------------------------------------------------
    def finish(self, root: Element, size_bytes: int) -> Document:
        """Judge all that is not an entry.

        Args:
            root: the document without its entries.
            size_bytes: length of the whole file.

        Returns:
            the document's record, for a second pass if `is_late` says so.
        """
        final = read_document(root, self.name, self.kind)
        final.size_bytes = size_bytes
        for entries, element in zip(final.entries, _entries_of(root), strict=False):
            entries.header_count, entries.accounts = self._entries.get(
                element, (0, KebirAccounts())
            )
        self.document = final
        self._steps(Context.COUNTER_STEP, "HDR-01", self._counters)
        self._steps(Context.DATE_STEP, "HDR-02", self._dates)
        self._steps(Context.LINE_STEP, "DET-02", self._lines)
        for context, record in records_of(final):
            self._judge(context, record)
        piece = Piece(root)
        self._attributes.check(piece, self.document, root_fits=self._root_fits)
        self._schema.check(piece)
        self._attributes.finish(final)
        if self.reading is not None:
            self.reading.end(root, self._tally.entries)
        return final

    @property
    def is_late(self) -> bool:
        """Whether something that entries were judged by came after the first of them."""
        return self._tally.entries > 0 and _scope(self._judged_by) != _scope(self.document)

    def facts(self, size_bytes: int) -> Facts:
        """What was counted, after `finish`."""
        return self._tally.facts(self.document, size_bytes)

    # judging --------------------------------------------------------------------------------
    def _judge(self, context: Context, record: Any) -> None:
        self._ask(self._rules[context], record)

    def _ask(self, rules: tuple[Rule, ...], record: Any) -> None:
        document = self.document
        for rule in rules:
            try:
                if rule.holds(record, document):
                    continue
            except Abort as stop:
                if rule.layer is not Layer.STRICT:
                    self._scribe.aborted(rule.name, record, stop)
                continue
            self._scribe.report(rule, record, document)

    def _steps(self, context: Context, name: str, tracker: Successors | LaterDates) -> None:
        try:
            for step in tracker.finish():
                for rule in self._rules[context]:
                    self._scribe.report(rule, step, self.document, times=step.count)
        except Abort as stop:
            self._scribe.aborted(name, None, stop)


def _whole(value: Value) -> int:
    """A number of entries or lines that were judged without a finding."""
    return int(each(value)[0])


def _scope(document: Document) -> tuple[object, ...]:
    return (document.starts, document.ends, document.currencies, document.branch_number)


def _entries_of(root: Element) -> list[Element]:
    return [
        entries
        for xbrl in root.iterchildren(names.XBRL)
        for entries in xbrl.iterchildren(names.ENTRIES)
    ]
