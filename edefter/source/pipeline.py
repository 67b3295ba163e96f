"""What every source does with its raw rows: select the days, convert, order, cut into batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from edefter.config.settings import SourceSettings
from edefter.model.finding import FindingLog
from edefter.model.journal import JournalBatch
from edefter.source.convert import Converter
from edefter.source.days import DaySelection
from edefter.source.port import ReadRequest
from edefter.source.staging import Staging, as_they_come


def journal(
    raw_frames: Iterable[pl.DataFrame],
    request: ReadRequest,
    findings: FindingLog,
    *,
    source: str,
    settings: SourceSettings,
) -> Iterator[JournalBatch]:
    """Batches of whole vouchers from raw rows.

    Args:
        raw_frames: text columns with canonical names and `source_row`, in source order; already
            selected by company and branch.
        request: gives the days; rows of other days are left out before anything in them is
            looked at, so that a mistake in another month does not stop this one.
        findings: takes what is wrong with the rows.
        source: name of the source.
        settings: batch size and numbering. When the source's entry numbers are kept (not
            assigned) they give the order; an entry dated before the one above it is then a
            finding of the ledger.

    Raises:
        OutOfOrder: as `ReadRequest.as_they_come` says.
    """
    lines, by_number = settings.batch_lines, settings.numbering != "assign"
    converter = Converter(source, findings, request.layout)
    days = DaySelection(request, findings, source)
    if request.as_they_come:
        selected = (converter.convert(days.select(raw)) for raw in _told(raw_frames, request))
        yield from as_they_come(
            selected, lines, source=source, findings=findings, by_number=by_number,
            layout=request.layout,
        )  # fmt: skip
        days.report_torn()
        return
    with Staging(
        source, findings, by_number=by_number, spill_folder=request.spill_folder,
        layout=request.layout,
    ) as staging:  # fmt: skip
        for raw in _told(raw_frames, request):
            staging.add(converter.convert(days.select(raw)))
        days.report_torn()
        yield from staging.batches(lines)


def _told(raw_frames: Iterable[pl.DataFrame], request: ReadRequest) -> Iterator[pl.DataFrame]:
    rows = 0
    for raw in raw_frames:
        yield raw
        rows += raw.height
        request.on_rows(rows)
