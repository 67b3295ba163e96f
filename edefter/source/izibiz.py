"""The İzibiz journal file: delimited text with 25 named columns (inputs.md §2).

No quoting exists in this layout: a quotation mark is a character like any other, and a row with
another number of fields than the header is a finding, never guessed at. Columns are found by
name, so their order is free and columns that a file leaves out are simply missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import polars as pl

from edefter.config.settings import SourceSettings
from edefter.errors import ConfigError, DataError
from edefter.model.finding import FindingLog, Place
from edefter.model.journal import JOURNAL, JournalBatch
from edefter.observe.events import event
from edefter.source.days import in_days
from edefter.source.findings import SourceRule, make, report_rows
from edefter.source.pipeline import journal
from edefter.source.port import ReadRequest, SourceCheck
from edefter.source.textfile import REPLACEMENT, Encoding, detect_encoding, line_frames

DELIMITERS = (";", "\t", "|", ",")
CANONICAL: Mapping[str, str] = {
    "entryref": "entry_key",
    "linenumber": "line_no",
    "accmainid": "main_account",
    "accmainiddesc": "main_description",
    "accsubid": "sub_account",
    "accsubdesc": "sub_description",
    "amount": "amount",
    "debitcreditcode": "dc",
    "postingdate": "posting_date",
    "documenttype": "document_type",
    "doctypedesc": "document_type_description",
    "documentnumber": "document_number",
    "documentreference": "document_reference",
    "entrynumbercounter": "entry_no",
    "documentdate": "document_date",
    "paymentmethod": "payment_method",
    "detailcomment": "line_comment",
    "enteredby": "entered_by",
    "entereddate": "entered_date",
    "entrynumber": "entry_number",
    "entrycomment": "entry_comment",
}
"""Columns of the file and what they are here; detailref serves nobody, the rest selects."""
COUNTER_COPY, COMPANY, BRANCH = "linenumbercounter", "erpno", "divisionno"
_KNOWN = frozenset((*CANONICAL, "detailref", COUNTER_COPY, COMPANY, BRANCH))
_NEEDED = (
    "entryref",
    "accmainid",
    "accmainiddesc",
    "amount",
    "debitcreditcode",
    "enteredby",
    "entereddate",
)


class IzibizSource:
    """`VoucherSource` over one file.

    Args:
        name: name of the source in the configuration.
        path: the file.
        settings: encoding, delimiter, null mark, batch size.
    """

    def __init__(self, name: str, path: Path, settings: SourceSettings) -> None:
        self._name = name
        self._path = path
        self._settings = settings

    def check(self) -> SourceCheck:
        """Whether the file is there, decodable and has the columns; tells what was detected."""
        try:
            encoding, delimiter, names = self._open()
        except (ConfigError, DataError) as error:
            return SourceCheck.misconfigured(error)
        shown = "TAB" if delimiter == "\t" else delimiter
        return SourceCheck(
            state="ready",
            detail_tr=f"kodlama {encoding.name}, ayraç {shown}, {len(names)} sütun",
            detail_en=f"encoding {encoding.name}, delimiter {shown}, {len(names)} columns",
        )

    def read(self, request: ReadRequest, findings: FindingLog) -> Iterator[JournalBatch]:
        """See `VoucherSource.read`.

        Raises:
            ConfigError: no such file, unreadable, or an unknown encoding is configured; or the
                envanter is asked for, which this layout has no columns for.
            DataError: the first line is empty or does not name the columns that are needed.
        """
        if request.layout is not JOURNAL:
            raise ConfigError("source.no_inventory", source=self._name)
        encoding, delimiter, names = self._open()
        event(
            "source.opened",
            "journal file opened",
            source=self._name,
            encoding=encoding.name,
            found_by=encoding.found_by,
        )
        yield from journal(
            self._raw_frames(encoding, delimiter, names, request, findings),
            request,
            findings,
            source=self._name,
            settings=self._settings,
        )

    def clock(self) -> datetime | None:
        """A file has no clock."""
        return None

    def _open(self) -> tuple[Encoding, str, list[str]]:
        facts = {"source": self._name, "path": self._path.name}
        try:
            encoding = detect_encoding(self._path, self._settings.encoding)
            with self._path.open(encoding=encoding.name, errors="replace", newline=None) as text:
                first = text.readline(65_536).rstrip("\n")
        except LookupError as error:
            value = self._settings.encoding
            raise ConfigError("source.unknown_encoding", **facts, value=value) from error
        except OSError as error:
            raise ConfigError("source.file_unreadable", **facts, detail=error.strerror) from error
        if not first.strip():
            raise DataError("source.file_empty", **facts)
        delimiter = self._settings.delimiter
        if delimiter == "auto":
            delimiter = max(DELIMITERS, key=lambda each: len(_KNOWN & set(_names(first, each))))
        names = _names(first, delimiter)
        missing = [name for name in _NEEDED if name not in names]
        if missing:
            raise DataError("source.columns_missing", **facts, columns=", ".join(missing))
        if len(set(names)) != len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise DataError("source.columns_twice", **facts, columns=", ".join(twice))
        return encoding, delimiter, names

    def _raw_frames(
        self,
        encoding: Encoding,
        delimiter: str,
        names: list[str],
        request: ReadRequest,
        findings: FindingLog,
    ) -> Iterator[pl.DataFrame]:
        rows = taken = 0
        seen: set[str] = set()
        companies: set[str] = set()  # of the rows that go into the book unselected
        for lines in line_frames(self._path, encoding.name):
            split = lines.filter((pl.col("row") > 1) & (pl.col("line") != "")).with_columns(
                pl.col("line").str.split(delimiter).alias("fields")
            )
            split = self._whole_rows(split, names, request, findings)
            fields = split["fields"].list.to_struct(fields=names)
            raw = fields.struct.unnest().with_columns(split["row"].alias("source_row"))
            raw = raw.with_columns(
                pl.when(pl.col(name) != self._settings.null_mark).then(pl.col(name)).alias(name)
                for name in names
            )
            rows += raw.height
            if COMPANY in names and len(seen) < 10:
                seen.update(raw[COMPANY].drop_nulls().unique().head(10).to_list())
            raw = _selected(raw, names, request)
            taken += raw.height
            self._check_counter_copy(raw, request, findings)
            if COMPANY in names and not request.company and len(companies) < 10:
                companies.update(_new_companies(raw, companies, request))
            yield raw.rename(
                {theirs: ours for theirs, ours in CANONICAL.items() if theirs in names}
            )
        if rows and not taken:
            place = Place(file=self._name, field=COMPANY)
            shown = f"{request.company} {request.branch}".strip()
            held = ", ".join(sorted(seen)[:10])
            findings.add(make(SourceRule.NO_SUCH_COMPANY, place, shown, held=held))
        if len(companies) > 1:
            held = ", ".join(sorted(companies)[:10])
            place = Place(file=self._name, field=COMPANY)
            findings.add(make(SourceRule.SEVERAL_COMPANIES, place, held, held=held))

    def _whole_rows(
        self, split: pl.DataFrame, names: list[str], request: ReadRequest, findings: FindingLog
    ) -> pl.DataFrame:
        count, length = len(names), pl.col("fields").list.len()
        whole = split.filter(length == count)
        undecodable = pl.col("line").str.contains(REPLACEMENT, literal=True)
        torn = split.filter(length != count).with_columns(
            length.alias("found"), pl.lit(count).alias("expected")
        )
        bad = whole.filter(undecodable)
        bad = bad.filter(in_days(_field(names, "entereddate"), request)) if bad.height else bad
        whole = whole.filter(~undecodable)
        if torn.height or bad.height:
            key = _field(names, "entryref").alias("key")
            known = whole.select(key, _field(names, "entrynumber").alias("number")).unique("key")
            torn, bad = torn.with_columns(key), bad.with_columns(key)
            facts = ("found", "expected")
            self._report(SourceRule.FIELD_COUNT, torn, known, findings, facts=facts)
            self._report(SourceRule.UNDECODABLE, bad, known, findings)
        return whole

    def _report(
        self,
        rule: SourceRule,
        rows: pl.DataFrame,
        known: pl.DataFrame,
        findings: FindingLog,
        facts: tuple[str, ...] = (),
    ) -> None:
        """Report rows that cannot be read; their voucher is named by its other rows (`known`)."""
        if rows.height:
            shown = rows.join(known, on="key", how="left", maintain_order="left").with_columns(
                pl.col("row").alias("source_row"),
                pl.coalesce("number", "key").alias("voucher"),
                pl.col("line").alias("shown"),
            )
            report_rows(findings, rule, shown, source=self._name, field="", facts=facts)

    def _check_counter_copy(
        self, raw: pl.DataFrame, request: ReadRequest, findings: FindingLog
    ) -> None:
        if COUNTER_COPY not in raw.columns or "entrynumbercounter" not in raw.columns:
            return
        copy, counter = pl.col(COUNTER_COPY), pl.col("entrynumbercounter")
        differs = raw.filter(copy != counter)  # hardly ever, so the rest costs nothing
        differs = differs.filter(
            _same_number(copy) != _same_number(counter), in_days(pl.col("entereddate"), request)
        )
        if differs.height:
            number = pl.col("entrynumber") if "entrynumber" in raw.columns else pl.lit(None)
            rows = differs.select(
                "source_row",
                pl.coalesce(number, "entryref").alias("voucher"),
                copy.alias("shown"),
                counter.alias("entry_no"),
            )
            report_rows(
                findings,
                SourceRule.COUNTER_COPY,
                rows,
                source=self._name,
                field=COUNTER_COPY,
                facts=("entry_no",),
            )


def _names(first_line: str, delimiter: str) -> list[str]:
    return [name.strip().lower() for name in first_line.split(delimiter)]


def _field(names: list[str], name: str) -> pl.Expr:
    """One column out of the list `fields`; null where the file or the row does not have it."""
    if name not in names:
        return pl.lit(None, dtype=pl.String)
    text = pl.col("fields").list.get(names.index(name), null_on_oob=True).str.strip_chars()
    return pl.when(text != "").then(text)


def _same_number(text: pl.Expr) -> pl.Expr:
    """The text without what does not change a whole number: `007`, `7.0` and ` 7` are one."""
    return text.str.strip_chars().str.replace(r"^0+([0-9])", "$1").str.replace(r"\.0*$", "")


def _new_companies(raw: pl.DataFrame, known: set[str], request: ReadRequest) -> list[str]:
    """Companies of rows in the requested days that are not known yet, at most ten."""
    company = pl.col(COMPANY).str.strip_chars()
    new = raw.filter(~company.is_in(list(known)))
    if not new.height:
        return []
    new = new.filter(in_days(pl.col("entereddate"), request)).select(company.alias("found"))
    return new["found"].drop_nulls().unique().head(10).to_list()


def _selected(raw: pl.DataFrame, names: list[str], request: ReadRequest) -> pl.DataFrame:
    """Rows of the company and branch; an empty selector takes all. `1` and `0001` are one."""
    if request.company and COMPANY in names:
        raw = raw.filter(pl.col(COMPANY).str.strip_chars() == request.company)
    if request.branch and BRANCH in names:
        number = pl.col(BRANCH).str.strip_chars().str.strip_chars_start("0")
        raw = raw.filter(number == request.branch.lstrip("0"))
    return raw
