"""Is the month before closed at GİB? No ledger of month M is made before that is known.

GİB has no list operation. For months that this installation made, the known packages are asked
for; for others `-000000` is tried, then `000001`, `000002` … until 304, every approved berat is
fetched and verified, and together they must cover the month from its first to its last day
(lifecycle.md §2.12, §3; issue A part 8).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from edefter.berat.approved import ApprovedBerat
from edefter.engine.adopting import adopt_approved, approved_file_is_held
from edefter.engine.approval import examine_approved
from edefter.engine.closing import is_closed, next_part, open_books
from edefter.engine.job import Job
from edefter.errors import EdefterError, OperatorNeeded, PriorPeriodOpen
from edefter.gib.errors import AnswerUnknown, GibFault, GibUnreachable
from edefter.gib.port import BatchState, Fetched
from edefter.model.documents import BOOKS, UNDIVIDED, DocumentName, Kind
from edefter.model.period import Period
from edefter.state.records import Document
from edefter.state.states import APPROVED_STATES

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
    unreachable: EdefterError | None = None
    packages: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Found:
    """One approved berat of a month made elsewhere."""

    name: DocumentName
    fetched: Fetched
    approved: ApprovedBerat


def check_prior_month(job: Job) -> PriorCheck:
    """Ask whether the month before is closed.

    Raises:
        PriorPeriodOpen: it is not; the text names the missing berats.
        GibUnreachable, AnswerUnknown: GİB cannot be asked and the berats are not held here.
        OperatorNeeded: GİB holds them but this signer may not see them, or files are missing.
        ClockRefused: no call is made with a wrong clock.
    """
    if job.period == job.company.first_period(job.branch_number):
        return PriorCheck(asked=False, confirmed=True, held=True)
    before = job.period.previous()
    job.services.listener.step("engine.step_prior", **{**job.facts, "before": before})
    known = job.store.documents(job.company.code, job.branch_number, before)
    if all(d.adopted for d in known) and not is_closed(before, known):
        # Nothing of it was made here, and what was taken over so far is not the whole month.
        return _discover(job, before)
    return _check_known(job, before, known)


def _check_known(job: Job, before: Period, known: list[Document]) -> PriorCheck:
    if not is_closed(before, known):
        raise PriorPeriodOpen(
            "engine.prior_open_here",
            **{
                **job.facts,
                "before": before,
                "names": _open_names(job, before, known),
                "states": ", ".join(sorted({d.state.value for d in known})),
            },
        )
    missing = [d for d in known if not approved_file_is_held(job, d)]
    packages = [_berat_name(job, d).package_id for d in known]
    unreachable: EdefterError | None = None
    confirmed = True
    not_done: list[str] = []
    for package_id in packages:
        try:
            status = job.authority.status(package_id)
        except (GibUnreachable, AnswerUnknown) as error:
            unreachable = error
            break
        except GibFault as fault:
            if fault.retryable:
                unreachable = fault
                break
            if missing or fault.code not in NOT_AUTHORISED:
                _explain_fault(job, before, fault)
            # Another firm sent them: GİB shows them to nobody else, but they are held here.
            confirmed = False
            continue
        if status.state is not BatchState.DONE:
            not_done.append(f"{package_id} ({status.text or status.state.value})")
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
            **{
                **job.facts,
                "before": before,
                "names": ", ".join(_berat_name(job, d).package_id for d in missing),
            },
        )
    if not confirmed:
        job.warn("engine.prior_held_only", **{**job.facts, "before": before})
    return PriorCheck(
        asked=True,
        confirmed=confirmed and unreachable is None,
        held=True,
        unreachable=unreachable,
        packages=tuple(packages),
    )


def _berat_name(job: Job, document: Document) -> DocumentName:
    return document.name(job.company.tax_id.number, document.kind.berat)


def _package(job: Job, before: Period, kind: Kind, part: str = UNDIVIDED) -> DocumentName:
    return DocumentName(job.company.tax_id.number, before, kind, part, job.branch_number)


def _open_names(job: Job, before: Period, known: list[Document]) -> str:
    """Package ids of what is open; where days have no part yet, of the one that must follow."""
    names = []
    for kind in open_books(before, known):
        parts = [d for d in known if d.kind is kind and d.state not in APPROVED_STATES]
        names += [_berat_name(job, d).package_id for d in parts]
        if not parts:
            name = _package(job, before, kind.berat, next_part(known, kind))
            names.append(name.package_id)
    return ", ".join(names)


def _explain_fault(job: Job, before: Period, fault: GibFault) -> None:
    if fault.code in NOT_AUTHORISED:
        raise OperatorNeeded(
            "engine.prior_not_authorised",
            **{**job.facts, "before": before, "code": fault.code, "text": fault.text_from_gib},
        ) from fault
    raise fault.with_facts(**job.facts)


def _discover(job: Job, before: Period) -> PriorCheck:
    found: list[_Found] = []
    problems: list[str] = []
    for book in BOOKS:
        try:
            found += _discover_kind(job, before, book.berat, problems)
        except GibFault as fault:
            _explain_fault(job, before, fault)
    if problems:
        raise PriorPeriodOpen(
            "engine.prior_open_at_gib",
            **{**job.facts, "before": before, "names": ", ".join(problems)},
        )
    for item in found:
        adopt_approved(job, item.name, item.fetched.data, item.approved, cause="gib.discovered")
    packages = tuple(item.name.package_id for item in found)
    return PriorCheck(asked=True, confirmed=True, held=True, packages=packages)


def _discover_kind(job: Job, before: Period, kind: Kind, problems: list[str]) -> list[_Found]:
    """The approved parts of one book; `problems` gets what is missing of the month.

    A refused package leaves no trace (lifecycle.md §12): it is only named when without it the
    month is not whole.
    """
    found: list[_Found] = []
    refused: list[str] = []
    unclear: list[str] = []
    for number in range(MAX_PARTS):
        name = _package(job, before, kind, f"{number:06d}")
        status = job.authority.status(name.package_id)
        if status.state is BatchState.NOT_FOUND:
            if name.part == UNDIVIDED:
                continue
            break
        label = f"{name.package_id} ({status.text or status.state.value})"
        if status.state is BatchState.REJECTED:
            refused.append(label)
            continue
        if status.state is not BatchState.DONE:
            unclear.append(label)
        else:
            fetched = job.authority.fetch(name.package_id, job.folder("prior"))
            approved = examine_approved(
                job, fetched.data, file_name=fetched.file_name, package_id=name.package_id
            )
            if approved.ok and approved.period_start and approved.period_end:
                found.append(_Found(name, fetched, approved))
            else:
                first = next(iter(approved.findings), None)
                reason = f"{first.rule}: {first.message_tr}" if first else "periodCovered"
                unclear.append(f"{name.package_id} ({reason})")
        if name.part == UNDIVIDED:
            break  # 000000 and 000001 may not coexist
    if unclear:
        problems += unclear
    elif before.first_uncovered(_spans(found)) is not None:
        problems += refused
        problems += [f"{f.name.package_id} ({_span_text(f)})" for f in found]
        if not refused and not found:
            problems.append(_package(job, before, kind).package_id)
    return found


def _spans(found: list[_Found]) -> list[tuple[date, date]]:
    return [
        (f.approved.period_start, f.approved.period_end)
        for f in found
        if f.approved.period_start and f.approved.period_end
    ]


def _span_text(item: _Found) -> str:
    return f"{item.approved.period_start} - {item.approved.period_end}"
