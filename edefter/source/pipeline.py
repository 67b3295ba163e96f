"""What every source does with its raw rows: convert, select the days, order, cut into batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from edefter.model.finding import FindingLog
from edefter.model.journal import JournalBatch
from edefter.source.convert import Converter
from edefter.source.findings import SourceRule, report_rows
from edefter.source.port import ReadRequest
from edefter.source.staging import Staging


def journal(
    raw_frames: Iterable[pl.DataFrame],
    request: ReadRequest,
    findings: FindingLog,
    *,
    source: str,
    lines: int,
) -> Iterator[JournalBatch]:
    """Batches of whole vouchers from raw rows.

    Args:
        raw_frames: text columns with canonical names and `source_row`, in source order; already
            selected by company and branch.
        request: gives the days.
        findings: takes what is wrong with the rows.
        source: name of the source.
        lines: most rows of a batch, unless one voucher alone is larger.
    """
    converter = Converter(source, findings)
    days = _Days(request, findings, source)
    with Staging(source, findings) as staging:
        for raw in raw_frames:
            staging.add(days.select(converter.convert(raw)))
        yield from staging.batches(lines)


class _Days:
    """Keeps the rows of the requested days, and those whose date is unreadable (a finding)."""

    def __init__(self, request: ReadRequest, findings: FindingLog, source: str) -> None:
        self._request = request
        self._findings = findings
        self._source = source
        self._last: pl.DataFrame | None = None

    def select(self, frame: pl.DataFrame) -> pl.DataFrame:
        if not frame.height:
            return frame
        day = pl.col("entered_date")
        inside = day.is_between(self._request.first_day, self._request.last_day)
        frame = frame.with_columns(inside.fill_null(value=True).alias("inside"))
        self._report_torn(frame)
        self._last = frame.tail(1)
        return frame.filter("inside").drop("inside")

    def _report_torn(self, frame: pl.DataFrame) -> None:
        """A voucher with lines inside and outside would silently lose some of its lines."""
        seen = frame if self._last is None else pl.concat([self._last, frame])
        same = pl.col("entry_key") == pl.col("entry_key").shift(1)
        torn = seen.filter(same & (pl.col("inside") != pl.col("inside").shift(1)))
        if torn.height:
            rows = torn.select(
                "source_row",
                pl.coalesce("entry_number", "entry_key").alias("voucher"),
                pl.col("entered_date").cast(pl.String).alias("shown"),
            )
            report_rows(
                self._findings,
                SourceRule.VOUCHER_DATES,
                rows,
                source=self._source,
                field="entered_date",
            )
