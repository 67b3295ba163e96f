"""A lost state comes back from a folder tree of files: all verified first, then taken over.

Each document needs its approved berat; its ledger and its own berat are verified with it and kept
beside it, and numbers go on from what the ledgers say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256

from edefter.atomic import sha256_file
from edefter.berat.approved import ApprovedBerat
from edefter.engine.adopting import adopt_approved
from edefter.engine.approval import examine_approved
from edefter.engine.job import Job
from edefter.engine.lock import company_lock
from edefter.engine.opening import registered_company
from edefter.engine.piecework import judge_file
from edefter.engine.registering import SERIAL_DIGITS
from edefter.engine.services import Services
from edefter.errors import ConfigError, DataError
from edefter.ledger.making import SERIALS
from edefter.model.company import Company
from edefter.model.documents import DocumentName, Kind
from edefter.model.files import Counters, SignedFile, StoredFile
from edefter.model.finding import Finding, Severity
from edefter.signature.verify import Verification, verify_file
from edefter.state.records import Document
from edefter.state.states import APPROVED_STATES
from edefter.validation.report import Report

_NUMBERED = (Kind.Y, Kind.E)  # a kebir holds the numbers of its yevmiye


@dataclass(frozen=True, slots=True)
class Retaken:
    """One document that was taken over.

    Args:
        company: whose.
        name: of the ledger.
        roles: which of its files were there.
        was_known: state had all of it already.
    """

    company: str
    name: DocumentName
    roles: tuple[str, ...]
    was_known: bool


@dataclass
class _Set:
    """The files of one document, and what was found when they were verified."""

    name: DocumentName
    paths: dict[str, Path] = field(default_factory=dict)
    approved: ApprovedBerat | None = None
    signed: dict[str, SignedFile] = field(default_factory=dict)
    report: Report | None = None


def retake_folder(services: Services, folder: Path) -> list[Retaken]:
    """Verify all e-Defter files below a folder, and take over the documents that they make up.

    Folders of cancelled sets are left alone.

    Args:
        services: the world; the companies are registered.
        folder: top of the tree.

    Returns:
        What was taken over, by company and month.

    Raises:
        ConfigError: no file, or files of a company that is not registered.
        DataError: a file does not verify, or an approved berat is missing; all problems at once,
            and nothing was taken over.
        OperatorNeeded: another version is approved here, or may be at GİB.
        WaitingError: another run is working on a company.
    """
    found = _sets(folder, services.settings.archive.cancelled_folder)
    if not found:
        raise ConfigError("engine.retake_nothing", path=str(folder))
    companies = _companies(services, found)
    problems: list[tuple[str, str, str]] = []
    for item in found:
        job = _job(services, companies[item.name.tax_number], item.name)
        problems += _verify(job, item)
    if problems:
        raise DataError(
            "engine.retake_refused",
            count=len(problems),
            problems_tr="\n".join(f"- {name}: {tr}" for name, tr, _ in problems),
            problems_en="\n".join(f"- {name}: {en}" for name, _, en in problems),
        )
    taken = []
    for number, company in companies.items():
        own = [item for item in found if item.name.tax_number == number]
        with company_lock(services.data_dir / "locks", services.store, company):
            taken += [_take(_job(services, company, item.name), item, own) for item in own]
    return taken


def _sets(folder: Path, cancelled: str) -> list[_Set]:
    sets: dict[DocumentName, _Set] = {}
    for path in sorted(folder.rglob("*.xml")):
        try:
            name = DocumentName.parse(path.name)
        except ValueError:
            continue
        if cancelled in path.relative_to(folder).parts or name.kind is Kind.DR:
            continue
        kind = name.kind.ledger if name.kind.is_berat else name.kind
        ledger = replace(name, kind=kind, approved=False)
        role = "approved" if name.approved else "berat" if name.kind.is_berat else "ledger"
        sets.setdefault(ledger, _Set(ledger)).paths[role] = path
    order = list(Kind)
    return sorted(
        sets.values(),
        key=lambda item: (
            item.name.tax_number, item.name.branch, item.name.period, item.name.part,
            order.index(item.name.kind),
        ),
    )  # fmt: skip


def _companies(services: Services, found: Sequence[_Set]) -> dict[str, Company]:
    known = {
        company.tax_id.number: company
        for company in (
            registered_company(services.store, item["code"]) for item in services.store.companies()
        )
    }
    wanted = sorted({item.name.tax_number for item in found})
    missing = [number for number in wanted if number not in known]
    if missing:
        raise ConfigError("engine.retake_unregistered", numbers=", ".join(missing))
    return {number: known[number] for number in wanted}


def _job(services: Services, company: Company, name: DocumentName) -> Job:
    kinds = (Kind.E,) if name.kind is Kind.E else (Kind.Y, Kind.K)
    return Job(services, company, name.branch, name.period, kinds=kinds)


def _verify(job: Job, item: _Set) -> Iterator[tuple[str, str, str]]:
    """Look at all files of a document; gives (file, problem in Turkish, in English)."""
    if "approved" not in item.paths:
        yield (
            _berat_name(item).as_approved().xml,
            "onaylı berat yok",
            "the approved berat is missing",
        )
        return
    for role in ("ledger", "berat"):
        path = item.paths.get(role)
        if path is None:
            continue
        checked = verify_file(
            path, anchors=job.anchors, now=job.measured_time("verify"),
            tax_numbers=(job.company.tax_id.number, *job.company.authorised_signers),
        )  # fmt: skip
        report = judge_file(path, signed=True)
        yield from _told(path, [*checked.findings, *report.findings])
        if checked.ok:
            item.signed[role] = _signed(path, checked)
        if role == "ledger":
            item.report = report
    path, berat, ledger = item.paths["approved"], item.paths.get("berat"), item.signed.get("ledger")
    item.approved = examine_approved(
        job,
        path.read_bytes(),
        file_name=path.name,
        package_id=_berat_name(item).package_id,
        sent_berat=berat.read_bytes() if berat else None,
        ledger_signature_value=ledger.signature_value if ledger else None,
    )
    yield from _told(path, item.approved.findings)


def _berat_name(item: _Set) -> DocumentName:
    return item.name.with_kind(item.name.kind.berat)


def _told(path: Path, findings: Iterable[Finding]) -> Iterator[tuple[str, str, str]]:
    for finding in findings:
        if finding.severity is Severity.ERROR:
            rule = finding.rule
            yield path.name, f"{rule} {finding.text('tr')}", f"{rule} {finding.text('en')}"


def _signed(path: Path, checked: Verification) -> SignedFile:
    assert checked.signing_time is not None
    assert checked.certificate is not None
    return SignedFile(
        file=StoredFile(
            path=path,
            name=DocumentName.parse(path.name),
            size_bytes=path.stat().st_size,
            sha256=sha256_file(path),
        ),
        signature_value=checked.signature_value,
        signing_time=checked.signing_time,
        certificate_sha256=checked.certificate.fingerprint(SHA256()).hex(),
    )


def _take(job: Job, item: _Set, all_sets: Sequence[_Set]) -> Retaken:
    assert item.approved is not None
    before = _document_of(job, item.name)
    data = item.paths["approved"].read_bytes()
    adopt_approved(job, _berat_name(item), data, item.approved, cause="operator.retaken")
    document = _document_of(job, item.name)
    assert document is not None
    # Asked of state and not of `before`: a run may have been killed here, or the berat alone was
    # adopted long ago.
    held, counters = job.store.files(document.id), _counters(item, all_sets)
    lacking = {role: signed for role, signed in item.signed.items() if role not in held}
    lacks_numbers = counters is not None and document.counters_after is None
    is_completed = document.adopted and bool(lacking or lacks_numbers)
    if is_completed:
        folder = job.archive_folder_of(item.approved.period_start or item.name.period.first_day)
        kept = {
            role: replace(signed, file=job.vault.put(signed.file, folder, signed.file.name.kind))
            for role, signed in lacking.items()
        }
        numbers = asdict(document.counters_after or counters or Counters())
        job.store.transition(
            document.id,
            document.state,
            cause="operator.retaken",
            files=kept,
            counters_after=numbers if document.counters_after or counters else None,
            evidence={"counters": numbers},
        )
    was_known = before is not None and before.state in APPROVED_STATES and not is_completed
    return Retaken(job.company.code, item.name, tuple(sorted(item.paths)), was_known)


def _document_of(job: Job, name: DocumentName) -> Document | None:
    return next((d for d in job.documents() if (d.kind, d.part) == (name.kind, name.part)), None)


def _counters(item: _Set, all_sets: Sequence[_Set]) -> Counters | None:
    """The last numbers in a part: of its yevmiye (or envanter), and the serials of its files."""
    part = [
        other
        for other in all_sets
        if (other.name.period, other.name.part, other.name.branch)
        == (item.name.period, item.name.part, item.name.branch)
        and (other.name.kind is Kind.E) == (item.name.kind is Kind.E)
    ]
    numbered = next((o.report for o in part if o.name.kind in _NUMBERED and o.report), None)
    if numbered is None:
        return None
    serials = {
        SERIALS[other.name.kind]: int(other.approved.unique_id[-SERIAL_DIGITS:])
        for other in part
        if other.approved is not None and other.approved.unique_id[-SERIAL_DIGITS:].isdigit()
    }
    facts = numbered.facts
    if not (facts.last_entry.isdigit() and facts.last_line.isdigit()):
        return None
    return Counters(entry_no=int(facts.last_entry), line_no=int(facts.last_line), **serials)
