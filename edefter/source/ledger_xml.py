"""Existing e-Defter files as a source: the entries of a yevmiye or envanter, whoever made it.

Only entries are taken; who the taxpayer is and what the document says of itself comes from the
registration, as with every source. What our rows cannot hold is a finding, so that nothing of a
foreign ledger is lost silently. Sums are not taken over: they are computed, and rules compare.

One pass with expat, constant memory; a document type declaration is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.parsers import expat

import polars as pl

from edefter.config.settings import SourceSettings
from edefter.errors import ConfigError, DataError
from edefter.model.documents import DocumentName, Kind
from edefter.model.finding import FindingLog, Place
from edefter.model.inventory import INVENTORY
from edefter.model.journal import FUND_CODE, FUND_UNIT, JournalBatch, Layout
from edefter.observe.events import event
from edefter.source.findings import SourceRule, make
from edefter.source.pipeline import journal
from edefter.source.port import ReadRequest, SourceCheck

FRAME_ROWS = 8_192
_CHUNK_BYTES = 1 << 18
_PREFIXES = {
    f"http://www.xbrl.org/int/gl/{name}/2006-10-25": f"gl-{name}" for name in ("cor", "bus", "muc")
}
_HEADER, _DETAIL = "gl-cor:entryHeader", "gl-cor:entryDetail"
_GROUPS = (_HEADER, _DETAIL, "gl-cor:account", "gl-cor:accountSub", "gl-bus:measurable")
_COMPUTED = ("gl-bus:totalDebit", "gl-bus:totalCredit")
_COUNTER = "gl-cor:lineNumberCounter"
_CURRENCIES = ("amount_currency", "original_currency")
_SIDES = {"debit": "D", "credit": "C"}
_FUND = dict((*FUND_CODE, *FUND_UNIT))
_NIL = "http://www.w3.org/2001/XMLSchema-instance nil"


class LedgerSource:
    """`VoucherSource` over e-Defter files.

    Args:
        name: name of the source in the configuration.
        path: a file, or a folder with files under their document names.
        settings: numbering and batch size.
    """

    def __init__(self, name: str, path: Path, settings: SourceSettings) -> None:
        self._name = name
        self._path = path
        self._settings = settings

    def check(self) -> SourceCheck:
        """Whether there are files; tells how many of which kind."""
        try:
            kinds = [name.kind for name, _ in self._files()]
        except ConfigError as error:
            return SourceCheck.misconfigured(error)
        journals, inventories = kinds.count(Kind.Y), kinds.count(Kind.E)
        return SourceCheck(
            state="ready",
            detail_tr=f"{journals} yevmiye, {inventories} envanter dosyası",
            detail_en=f"{journals} journal and {inventories} inventory files",
        )

    def read(self, request: ReadRequest, findings: FindingLog) -> Iterator[JournalBatch]:
        """See `VoucherSource.read`.

        Raises:
            ConfigError: no such file or folder.
            DataError: a file is not well-formed, or has a document type declaration.
        """
        event("source.opened", "ledger files opened", source=self._name)
        yield from journal(
            self._raw_frames(request, findings),
            request,
            findings,
            source=self._name,
            settings=self._settings,
        )

    def clock(self) -> datetime | None:
        """Files have no clock."""
        return None

    def _files(self) -> list[tuple[DocumentName, Path]]:
        """All yevmiye and envanter files, by month, branch and part."""
        if not self._path.exists():
            raise ConfigError(
                "source.file_unreadable", source=self._name, path=str(self._path),
                detail="no such file or folder",
            )  # fmt: skip
        paths = sorted(self._path.glob("*.xml")) if self._path.is_dir() else [self._path]
        found = []
        for path in paths:
            try:
                name = DocumentName.parse(path.name)
            except ValueError:
                continue
            if name.kind in (Kind.Y, Kind.E) and not name.approved:
                found.append((name, path))
        return sorted(found, key=lambda each: (each[0].period, each[0].branch, each[0].part))

    def _raw_frames(self, request: ReadRequest, findings: FindingLog) -> Iterator[pl.DataFrame]:
        kind = Kind.E if request.layout is INVENTORY else Kind.Y
        row = 0
        for name, path in self._files():
            outside = (
                name.period.last_day < request.first_day or name.period.first_day > request.last_day
            )
            other = request.company and name.tax_number != request.company
            if name.kind is not kind or outside or other or name.branch != request.branch:
                continue
            for frame in read_entries(path, request.layout, findings, source=self._name, row=row):
                row += frame.height
                yield frame


def read_entries(
    path: Path, layout: Layout, findings: FindingLog, *, source: str, row: int = 0
) -> Iterator[pl.DataFrame]:
    """The entries of one ledger file as raw rows.

    Args:
        path: the file.
        layout: the rows that are wanted; its columns' targets say where a value stands.
        findings: takes what a row cannot hold.
        source: name of the source.
        row: rows that were read before; the first one here has the next number.

    Yields:
        Text columns with canonical names, and `source_row`.

    Raises:
        DataError: not well-formed, or it has a document type declaration.
        OSError: the file cannot be read.
    """
    reader = _Reader(path.name, layout, findings, source, row)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            reader.feed(chunk)
            if len(reader.rows) >= FRAME_ROWS:
                yield reader.frame()
    reader.feed(b"", final=True)
    if reader.rows:
        yield reader.frame()


class _Reader:
    def __init__(
        self, file_name: str, layout: Layout, findings: FindingLog, source: str, row: int
    ) -> None:
        self.rows: list[dict[str, str | None]] = []
        self._file_name = file_name
        self._findings = findings
        self._source = source
        self._row = row
        self._fixed = _FUND if "fund_quantity" in layout.names else {}
        self._names = (*(name for name in layout.names if name != "source_row"), _COUNTER)
        self._columns = {c.target: c.name for c in layout.columns if c.target}
        self._entry = 0
        self._header: dict[str, str | None] = {}
        self._line: dict[str, str | None] = {}
        self._lines: list[dict[str, str | None]] = []
        self._path: list[str] = []
        self._text: list[str] = []
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        self._parser = parser

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        try:
            self._parser.Parse(chunk, final)
        except expat.ExpatError as error:
            raise self._unusable(str(error)) from None

    def frame(self) -> pl.DataFrame:
        """The rows read so far, which are forgotten here."""
        rows, self.rows = self.rows, []
        names = [name for name in self._names if name != _COUNTER]
        frame = pl.DataFrame(
            {name: [row.get(name) for row in rows] for name in names},
            schema=dict.fromkeys(names, pl.String),
        )
        self._row += len(rows)
        first = self._row - len(rows) + 1
        numbers = pl.int_range(first, self._row + 1, eager=True).alias("source_row")
        return frame.with_columns(numbers)

    def _unusable(self, detail: str) -> DataError:
        return DataError(
            "source.document_broken", source=self._source, file=self._file_name, detail=detail
        )

    def _doctype(self, *_: Any) -> None:
        raise self._unusable("DOCTYPE")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        uri, _, local = name.rpartition(" ")
        known = f"{_PREFIXES[uri]}:{local}" if uri in _PREFIXES else local
        if known == _HEADER:
            self._entry += 1
            self._header = {"entry_key": f"{self._file_name}#{self._entry}"}
        elif known == _DETAIL:
            self._line = {}
        if self._path or known == _HEADER:
            self._path.append(known)
            self._text = []
            self._parser.CharacterDataHandler = self._text.append
            if attributes.get(_NIL) in ("true", "1"):
                self._refuse(known, "nil")
            if known in _GROUPS and self._path.count(known) > 1:
                self._refuse(known, "")

    def _end(self, _name: str) -> None:
        if not self._path:
            return
        element = self._path.pop()
        if element == _DETAIL:
            self._lines.append(self._line)
        elif element == _HEADER:
            self._close_entry()
        elif element not in _GROUPS:
            self._take(element, "".join(self._text))
        self._text = []

    def _take(self, element: str, text: str) -> None:
        inside = self._line if _DETAIL in self._path else self._header
        if element in _COMPUTED:
            return
        if element in self._fixed and text == self._fixed[element]:
            return
        column = self._columns.get(element, _COUNTER if element == _COUNTER else None)
        if column is None or column in inside:
            self._refuse(element, text)
            return
        if column in _CURRENCIES:
            text = text.strip().removeprefix("iso4217:")
        elif column == "dc":
            text = _SIDES.get(text.strip(), text)
        inside[column] = text

    def _close_entry(self) -> None:
        number = (self._header.get("entry_no") or "").strip()
        lines, self._lines = self._lines, []
        for line in lines:
            counter = (line.pop(_COUNTER, None) or "").strip()
            if counter != number:
                rule, place = SourceRule.COUNTER_COPY, self._place(_COUNTER, line)
                self._findings.add(make(rule, place, counter, entry_no=number))
            self.rows.append({**self._header, **line})

    def _refuse(self, element: str, text: str) -> None:
        """Something that a row cannot hold: another element, or one for the second time."""
        place = self._place(element, self._line)
        self._findings.add(make(SourceRule.NOT_CARRIED, place, text))

    def _place(self, field: str, line: dict[str, str | None]) -> Place:
        voucher = self._header.get("entry_number") or self._header.get("entry_key") or ""
        return Place(
            file=self._source,
            row=self._row + len(self.rows) + len(self._lines) + 1,
            voucher=voucher,
            line_no=line.get("line_no") or "",
            field=field,
            xml_line=self._parser.CurrentLineNumber,
        )
