"""Documents whose lines must be read again to compare them, month by month and part by part.

Each file is read once. What is kept of a part (256 kB for each file) goes when the next one comes;
of a month's kebir parts the turnovers stay for the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from edefter.model.documents import Kind
from edefter.model.finding import FindingLog, Severity
from edefter.validation.gathering.turnovers import Turnovers
from edefter.validation.sets import partners, rapor
from edefter.validation.sets.group import Document, is_whole, ledgers
from edefter.validation.sets.readings import Readings, read
from edefter.validation.sets.scan import Unreadable


def check(documents: Sequence[Document], severity: Severity, log: FindingLog) -> None:
    """Compare partners of each part, and the report of each month with its kebir parts.

    Args:
        documents: of one taxpayer and branch, in order.
        severity: of differences.
        log: takes the findings.
    """
    kinds = {item.kind for item in documents}
    for _, month in groupby(documents, key=lambda item: item.period):
        _check_month(list(month), kinds, severity, log)


def _check_month(
    month: Sequence[Document], kinds: set[Kind], severity: Severity, log: FindingLog
) -> None:
    reports, kebir = ledgers(month, Kind.DR), ledgers(month, Kind.K)
    wanted = bool(reports) and is_whole(kebir)
    turnovers, unreadable = Turnovers(), ""
    for _, items in groupby(month, key=lambda item: item.name.part):
        part, readings = list(items), Readings()
        partners.check(part, kinds, severity, log, readings)
        for item in ledgers(part, Kind.K) if wanted and not unreadable else ():
            try:
                turnovers.take(readings.of(item.path).turnovers)
            except Unreadable as problem:
                unreadable = str(problem)
    for report in reports if wanted else ():
        try:
            if unreadable:
                raise Unreadable(unreadable)
            stated = read(report.path, is_report=True).turnovers
        except Unreadable as problem:
            log.add(rapor.unreadable(report, str(problem), severity))
        else:
            log.extend(rapor.compare(report, stated, turnovers, severity))
