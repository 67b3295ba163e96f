"""Is the month before closed at GİB? No ledger of month M is made before that is known.

GİB has no list operation. For months that this installation made, the known packages are asked
for; for others `-000000` is tried, then `000001`, `000002` … until 304, every approved berat is
fetched and verified, and together they must cover the month from its first to its last day
(lifecycle.md §2.12, §3; issue A part 8).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from edefter.atomic import sha256_file
from edefter.berat.approved import ApprovedBerat
from edefter.engine.approval import examine_approved
from edefter.engine.job import Job
from edefter.errors import OperatorNeeded, PriorPeriodOpen
from edefter.gib.errors import GibFault, GibUnreachable
from edefter.gib.port import BatchState, Fetched
from edefter.model.documents import UNDIVIDED, DocumentName, Kind
from edefter.model.files import StoredFile
from edefter.model.period import Period
from edefter.state.records import Document
from edefter.state.states import APPROVED_STATES, State

NOT_AUTHORISED = (205, 305)
MAX_PARTS = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorCheck:
    """What is known of the month before.

    Args:
        asked: whether a month before had to be asked for at all.
        confirmed: GİB said that every berat is in and approved.
        held: approved berats of the whole month are held and verified here.
        unreachable: GİB could not be asked (then `held` decides whether building goes on).
        packages: package ids that were asked for.
    """

    asked: bool
    confirmed: bool
    held: bool
    unreachable: GibUnreachable | None = None
    packages: tuple[str, ...] = field(default=())


def check_prior_month(job: Job) -> PriorCheck:
    """Ask whether the month before is closed.

    Raises:
        PriorPeriodOpen: it is not; the text names the missing berats.
        GibUnreachable: GİB cannot be asked and the approved berats are not held here.
        OperatorNeeded: GİB holds them but this signer may not see them.
        ClockRefused: no call is made with a wrong clock.
    """
    if job.period == job.company.first_period(job.branch_number):
        return PriorCheck(asked=False, confirmed=True, held=True)
    before = job.period.previous()
    job.services.listener.step("engine.step_prior", **{**job.facts, "before": before})
    known = job.store.documents(job.company.code, job.branch_number, before)
    if known:
        return _check_known(job, before, known)
    return _discover(job, before)


def _check_known(job: Job, before: Period, known: list[Document]) -> PriorCheck:
    open_documents = [d for d in known if d.state not in APPROVED_STATES]
    if open_documents:
        raise PriorPeriodOpen(
            "engine.prior_open_here",
            **{
                **job.facts,
                "before": before,
                "names": _berat_names(job, open_documents),
                "states": ", ".join(sorted({d.state.value for d in open_documents})),
            },
        )
    missing = [d for d in known if not _approved_file_is_whole(job, d)]
    packages = [_berat_name(job, d).package_id for d in known]
    unreachable: GibUnreachable | None = None
    not_done: list[str] = []
    try:
        for package_id in packages:
            status = job.authority.status(package_id)
            if status.state is not BatchState.DONE:
                not_done.append(f"{package_id} ({status.text or status.state.value})")
    except GibUnreachable as error:
        unreachable = error
    except GibFault as fault:
        _explain_fault(job, before, fault)
    if not_done:
        raise PriorPeriodOpen(
            "engine.prior_open_at_gib",
            **{**job.facts, "before": before, "names": ", ".join(not_done)},
        )
    if missing:
        if unreachable is not None:
            raise unreachable.with_facts(**job.facts)
        raise OperatorNeeded(
            "engine.prior_file_missing",
            **{**job.facts, "before": before, "names": _berat_names(job, missing)},
        )
    return PriorCheck(
        asked=True,
        confirmed=unreachable is None,
        held=True,
        unreachable=unreachable,
        packages=tuple(packages),
    )


def _approved_file_is_whole(job: Job, document: Document) -> bool:
    record = job.store.files(document.id).get("approved")
    return record is not None and record.path.exists() and sha256_file(record.path) == record.sha256


def _berat_name(job: Job, document: Document) -> DocumentName:
    return document.name(job.company.tax_id.number, document.kind.berat)


def _berat_names(job: Job, documents: list[Document]) -> str:
    return ", ".join(_berat_name(job, d).package_id for d in documents)


def _explain_fault(job: Job, before: Period, fault: GibFault) -> None:
    if fault.code in NOT_AUTHORISED:
        raise OperatorNeeded(
            "engine.prior_not_authorised",
            **{**job.facts, "before": before, "code": fault.code, "text": fault.text_from_gib},
        ) from fault
    raise fault.with_facts(**job.facts)


def _discover(job: Job, before: Period) -> PriorCheck:
    found: dict[Kind, list[tuple[DocumentName, Fetched, ApprovedBerat]]] = {}
    problems: list[str] = []
    for kind in (Kind.YB, Kind.KB):
        try:
            found[kind] = _discover_kind(job, before, kind, problems)
        except GibFault as fault:
            _explain_fault(job, before, fault)
        if not found[kind] and not any(str(kind) in problem for problem in problems):
            name = DocumentName(
                job.company.tax_id.number, before, kind, UNDIVIDED, job.branch_number
            )
            problems.append(name.package_id)
        elif found[kind] and not _covers(before, [berat for _, _, berat in found[kind]]):
            problems.append(_gap_text(found[kind]))
    if problems:
        raise PriorPeriodOpen(
            "engine.prior_open_at_gib",
            **{**job.facts, "before": before, "names": ", ".join(problems)},
        )
    for kind, berats in found.items():
        for name, fetched, approved in berats:
            adopt_approved(job, name, kind.ledger, fetched.data, approved, cause="gib.discovered")
    packages = tuple(name.package_id for berats in found.values() for name, _, _ in berats)
    return PriorCheck(asked=True, confirmed=True, held=True, packages=packages)


def _discover_kind(
    job: Job, before: Period, kind: Kind, problems: list[str]
) -> list[tuple[DocumentName, Fetched, ApprovedBerat]]:
    found = []
    parts = [UNDIVIDED] + [f"{number:06d}" for number in range(1, MAX_PARTS)]
    for part in parts:
        name = DocumentName(job.company.tax_id.number, before, kind, part, job.branch_number)
        status = job.authority.status(name.package_id)
        if status.state is BatchState.NOT_FOUND:
            if part == UNDIVIDED:
                continue
            break
        if status.state is not BatchState.DONE:
            problems.append(f"{name.package_id} ({status.text or status.state.value})")
        else:
            fetched = job.authority.fetch(name.package_id, job.folder("prior"))
            approved = examine_approved(
                job, fetched.data, file_name=fetched.file_name, package_id=name.package_id
            )
            if approved.ok:
                found.append((name, fetched, approved))
            else:
                first = next(iter(approved.findings))
                problems.append(f"{name.package_id} ({first.rule}: {first.message_tr})")
        if part == UNDIVIDED:
            break  # 000000 and 000001 may not coexist
    return found


def _covers(before: Period, berats: list[ApprovedBerat]) -> bool:
    spans = sorted((b.period_start, b.period_end) for b in berats if b.period_start)
    if len(spans) != len(berats) or spans[0][0] != before.first_day:
        return False
    reached: date = before.first_day - timedelta(days=1)
    for start, end in spans:
        if start is None or end is None or start > reached + timedelta(days=1):
            return False
        reached = max(reached, end)
    return reached == before.last_day


def _gap_text(berats: list[tuple[DocumentName, Fetched, ApprovedBerat]]) -> str:
    return ", ".join(
        f"{name.package_id} ({b.period_start}–{b.period_end})" for name, _, b in berats
    )


def adopt_approved(
    job: Job,
    name: DocumentName,
    ledger_kind: Kind,
    data: bytes,
    approved: ApprovedBerat,
    *,
    cause: str,
) -> None:
    """Take over one verified GIB- berat of a month that was not made here."""
    folder = job.vault.folder(
        job.company.tax_id.number, job.company.fiscal_year(name.period.first_day), name.period
    )
    held = job.vault.put_bytes(data, name.as_approved().xml, folder, f"GIB-{name.kind}")
    stored = StoredFile(
        path=held.path, name=name.as_approved(), size_bytes=held.size_bytes, sha256=held.sha256
    )
    start = approved.period_start or name.period.first_day
    end = approved.period_end or name.period.last_day
    document = job.store.open_document(
        company=job.company.code,
        branch=job.branch_number,
        period=name.period,
        kind=ledger_kind,
        part=name.part,
        first_day=start.isoformat(),
        last_day=end.isoformat(),
        creation_date=end.isoformat(),
        source_application="",
        counters_before={},
    )
    if document.state is not State.DRAFT:
        return
    job.store.adopt(
        document.id,
        stored,
        cause=cause,
        counters_after=None,
        approved_at=job.as_of(approved.approved_at) if approved.approved_at else "",
        evidence={"unique_id": approved.unique_id, "package": name.package_id},
    )
