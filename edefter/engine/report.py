"""The closing report of a month: what stands where, per file, and how the run ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from edefter.engine.archiving import roles_of
from edefter.engine.closing import all_approved, is_closed
from edefter.engine.errors import FindingsStop
from edefter.engine.job import Job
from edefter.engine.movements import TURNOVERS
from edefter.errors import EdefterError, ExitCode
from edefter.messages import Lang
from edefter.model.documents import BOOKS, Kind
from edefter.state.records import Document
from edefter.state.states import State
from edefter.telling import Remark


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """One file of the closing table.

    Args:
        name: final file name.
        size_bytes, sha256: of the file.
        state: state of its document.
        gib_time: when GİB took the package in (ledger, berat) or approved it; ISO UTC.
        receipt: the portal's receipt id.
    """

    name: str
    size_bytes: int
    sha256: str
    state: str
    gib_time: str
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReport:
    """How one month, or one envanter, of one company stands after a run.

    Args:
        company, branch, period: which month.
        day: of the envanter, ISO; empty = the report is about the month's books.
        files: the closing table.
        totals: sums of source, yevmiye and kebir, or of source and inventory (kuruş), as recorded
            when they were built.
        closed: every approved berat is held and verified.
        archived: every receipt is held (or the portal is switched off).
        folder: the month's folder in the local archive.
        error: what stopped the run, or None.
        warnings: what did not stop it but a person should know, e.g. a seal that expires soon.
    """

    company: str
    branch: str
    period: str
    day: str = ""
    files: tuple[FileRow, ...] = ()
    totals: dict[str, Any] = field(default_factory=dict)
    closed: bool = False
    archived: bool = False
    folder: str = ""
    error: EdefterError | None = None
    warnings: tuple[Remark, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Exit code of this month."""
        return self.error.exit_code if self.error else ExitCode.OK

    def as_json(self, lang: Lang) -> dict[str, Any]:
        """Plain values for `--json`."""
        plain: dict[str, Any] = {
            "company": self.company,
            "branch": self.branch,
            "period": self.period,
            **({"day": self.day} if self.day else {}),
            "closed": self.closed,
            "archived": self.archived,
            "folder": self.folder,
            "totals": self.totals,
            "files": [asdict(row) for row in self.files],
            "exit_code": int(self.exit_code),
            "warnings": [
                {"key": item.key, "text": item.text(lang), "remedy": item.remedy(lang)}
                for item in self.warnings
            ],
        }
        if self.error is not None:
            plain["error"] = {
                "key": self.error.key,
                "text": self.error.text(lang),
                "remedy": self.error.remedy(lang),
            }
            if isinstance(self.error, FindingsStop):
                plain["findings"] = [
                    {
                        "rule": f.rule,
                        "severity": f.severity.value,
                        "layer": f.layer.value,
                        "file": f.place.file,
                        "row": f.place.row,
                        "voucher": f.place.voucher,
                        "entry_no": f.place.entry_no,
                        "line_no": f.place.line_no,
                        "account": f.place.account,
                        "field": f.place.field,
                        "value": f.value,
                        "text": f.text(lang),
                        "remedy": f.remedy(lang),
                    }
                    for f in self.error.findings
                ]
                plain["finding_counts"] = dict(self.error.findings.counts)
        return plain


def month_report(job: Job, error: EdefterError | None = None) -> MonthReport:
    """Read the state of a month into a report."""
    documents = job.documents()
    reports = job.of_kinds(Kind.DR).documents() if job.kinds == BOOKS else []
    closed = is_closed(job.period, documents) if job.kinds == BOOKS else all_approved(documents)
    rows: list[FileRow] = []
    for document in (*documents, *reports):
        files = job.store.files(document.id)
        for role in roles_of(document.kind):
            record = files.get(role)
            if record is None:
                continue
            upload = job.store.upload(document.id, role)
            rows.append(
                FileRow(
                    name=record.name,
                    size_bytes=record.size_bytes,
                    sha256=record.sha256,
                    state=document.state.value,
                    gib_time=(document.approved_at if role == "approved" else document.accepted_at)
                    or "",
                    receipt=(upload.receipt_id if upload else "") or "",
                )
            )
    return MonthReport(
        company=job.company.code,
        branch=job.branch_number,
        period=str(job.period),
        day=job.last_day.isoformat() if job.is_inventory else "",
        files=tuple(rows),
        totals=_totals(documents),
        closed=closed,
        archived=closed and all(d.state is State.ARCHIVED for d in (*documents, *reports)),
        folder=str(job.archive_folder),
        error=error,
        warnings=tuple(job.warnings),
    )


def _totals(documents: list[Document]) -> dict[str, Any]:
    """Sums of source and books over all parts that were built here."""
    recorded: dict[str, dict[str, dict[str, int]]] = {}
    for document in documents:
        if document.totals and "source" in document.totals:
            recorded.setdefault(document.part, document.totals)
    sums: dict[str, Counter[str]] = {}
    for totals in recorded.values():
        for name in totals.keys() - {TURNOVERS}:
            sums.setdefault(name, Counter()).update(totals[name])
    return {name: dict(values) for name, values in sums.items()}
