"""The berat that GİB gives back: is it ours, and did GİB really sign it?

Checks of gib-webservice.md §9 and signing.md "GİB's approval signature". All are made and all
failures are named; a month is closed only when none is left. Schema and rules are the validation
step's part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cryptography import x509
from lxml import etree

from edefter.model.documents import DocumentName, Kind
from edefter.model.environment import Environment
from edefter.model.finding import FindingLog, Place
from edefter.model.period import Period
from edefter.trust.path import certificate_chain_problem
from edefter.xmlsig.additions import UNSIGNED, without_additions
from edefter.xmlsig.certificate import common_name, fits_environment, tax_number
from edefter.xmlsig.check import (
    Expectation,
    SignatureCheck,
    chain_moment,
    check_signature,
    untrusted_certificates,
)
from edefter.xmlsig.document import open_document
from edefter.xmlsig.names import EDEFTER, ds, xades
from edefter.xmlsig.parsing import Tree, identifiers, parse
from edefter.xmlsig.problem import Problem, Unreadable, Verdict
from edefter.xmlsig.read import compact

_XBRLI = "http://www.xbrl.org/2003/instance"
_GL_COR = "http://www.xbrl.org/int/gl/cor/2006-10-25"
_ENTRIES_TYPE = {Kind.YB: "journal", Kind.KB: "ledger", Kind.EB: "assets"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedBerat:
    """What an approved berat says and whether it may be relied on.

    Args:
        findings: everything that speaks against it.
        name: its document name (approved), None when the file name is not one.
        approved_at: SigningTime of GİB's counter-signature, zone-aware.
        gib_certificate: who countersigned.
        period_start, period_end: periodCoveredStart and -End, both inclusive.
        unique_id: control number in documentInfo (YEV…, KEB…, ENV…).
        ettn: UUID of the berat.
        ledger_signature_value: text of the ledger's signature value, without white space.
    """

    findings: FindingLog
    name: DocumentName | None = None
    approved_at: datetime | None = None
    gib_certificate: x509.Certificate | None = None
    period_start: date | None = None
    period_end: date | None = None
    unique_id: str = ""
    ettn: str = ""
    ledger_signature_value: str = ""

    @property
    def ok(self) -> bool:
        """Whether the month's part counts as approved."""
        return not self.findings.has_errors


@dataclass(slots=True)
class _Content:
    """Fields of the document that are compared or handed on."""

    identifier: str = ""
    entries_type: str = ""
    unique_id: str = ""
    ettn: str = ""
    start: date | None = None
    end: date | None = None
    ledger_value: str = ""


def check_approved(
    data: bytes,
    *,
    file_name: str,
    sent_berat: bytes | None,
    ledger_signature_value: str | None,
    anchors: Sequence[x509.Certificate],
    gib_tax_number: str,
    environment: Environment,
    now: datetime,
    package_id: str = "",
    old_digests: bool = False,
) -> ApprovedBerat:
    """Check an approved berat as it came from GİB.

    Args:
        data: the XML document.
        file_name: its name, `GIB-….xml`.
        sent_berat: bytes of the berat that we sent; None = not held here, no comparison.
        ledger_signature_value: of the local ledger; None = not held here, no comparison.
        anchors: trust anchors of the environment; none = the chain cannot be trusted.
        gib_tax_number: serialNumber that GİB's certificate must carry.
        environment: sandbox certificates count in the sandbox alone.
        now: measured time, zone-aware.
        package_id: the package that was asked for; empty = whatever the file name says.
        old_digests: SHA-1 in references and CertDigest is a remark and no error.

    Returns:
        What the berat says, with findings; a broken document is a finding, not an exception.

    Source: gib-webservice.md §9; signing.md §1; format.md §6.
    """
    problems: list[Problem] = []
    counter_problems: list[Problem] = []
    name = _name(file_name, package_id, problems)
    content, counter = _Content(), None
    if not data.strip():
        problems.append(Problem(Verdict.CONTENT, "berat.approved_empty"))
    else:
        try:
            tree = parse(data)
        except Unreadable as error:
            problems.append(error.problem)
        else:
            content = _read(tree)
            problems += _fits_name(tree, content, name)
            problems += _taxpayer(data, now, old_digests=old_digests)
            problems += _compare(data, content, sent_berat, ledger_signature_value)
            counter = _counter(tree, now, counter_problems)
    if counter is not None and counter.certificate is not None:
        counter_problems += _trust(counter, anchors, gib_tax_number, environment, now)
    findings = FindingLog()
    kind = name.kind if name else None
    own, gib = Place(file=file_name), Place(file=file_name, field="xades:CounterSignature")
    findings.extend(problem.finding(own, kind) for problem in problems)
    findings.extend(problem.finding(gib, kind) for problem in counter_problems)
    return ApprovedBerat(
        findings=findings,
        name=name,
        approved_at=counter.signing_time if counter else None,
        gib_certificate=counter.certificate if counter else None,
        period_start=content.start,
        period_end=content.end,
        unique_id=content.unique_id,
        ettn=content.ettn,
        ledger_signature_value=content.ledger_value,
    )


def _name(file_name: str, package_id: str, problems: list[Problem]) -> DocumentName | None:
    expected = f"GIB-{package_id or '…'}.xml"
    try:
        name = DocumentName.parse(file_name)
    except ValueError:
        name = None
    if (
        name is None
        or not name.approved
        or not name.kind.is_berat
        or (package_id and name.stem != f"GIB-{package_id}")
    ):
        facts = {"found": file_name or "-", "expected": expected}
        problems.append(Problem(Verdict.CONTENT, "berat.approved_name", facts))
    return name


def _read(tree: Tree) -> _Content:
    root = tree.getroot()
    context = f"{{{_XBRLI}}}xbrl/{{{_XBRLI}}}context/{{{_XBRLI}}}entity"
    info = (
        f"{{{_XBRLI}}}xbrl/{{{_GL_COR}}}accountingEntries/{{{_GL_COR}}}documentInfo/{{{_GL_COR}}}"
    )

    def text(path: str) -> str:
        return (root.findtext(path) or "").strip()

    return _Content(
        identifier=text(f"{context}/{{{_XBRLI}}}identifier"),
        entries_type=text(f"{info}entriesType"),
        unique_id=text(f"{info}uniqueID"),
        ettn=text(f"{context}/{{{_XBRLI}}}segment/{{{_GL_COR}}}uniqueID"),
        start=_date(text(f"{info}periodCoveredStart")),
        end=_date(text(f"{info}periodCoveredEnd")),
        ledger_value=compact(root.findtext(ds("SignatureValue"))),
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _fits_name(tree: Tree, content: _Content, name: DocumentName | None) -> list[Problem]:
    root = tree.getroot()
    problems = []
    if root.tag != f"{{{EDEFTER}}}berat":
        facts = {"found": etree.QName(root).localname}
        problems.append(Problem(Verdict.CONTENT, "berat.approved_not_berat", facts))
    if name is None:
        return problems
    month = Period.of(content.start).compact if content.start else "-"
    for what, found, expected in (
        ("identifier", content.identifier, name.tax_number),
        ("entriesType", content.entries_type, _ENTRIES_TYPE.get(name.kind, "-")),
        ("periodCoveredStart", month, name.period.compact),
    ):
        if found != expected:
            facts = {"field": what, "found": found or "-", "expected": expected}
            problems.append(Problem(Verdict.CONTENT, "berat.approved_content", facts))
    return problems


def _taxpayer(data: bytes, now: datetime, *, old_digests: bool) -> list[Problem]:
    """The taxpayer's own signature still holds; what GİB added is outside of what it covers."""
    try:
        document = open_document(data)
    except Unreadable as error:
        return [error.problem]
    expected = Expectation(document=document.digest, old_digests=old_digests)
    check = check_signature(document.signature, expected, ids=document.ids, now=now)
    return list(check.problems)


def _compare(
    data: bytes, content: _Content, sent: bytes | None, ledger_value: str | None
) -> list[Problem]:
    problems = []
    if ledger_value is not None and compact(ledger_value) != content.ledger_value:
        problems.append(Problem(Verdict.CONTENT, "berat.approved_ledger_signature"))
    if sent is not None and without_additions(data) != without_additions(sent):
        problems.append(Problem(Verdict.CONTENT, "berat.approved_differs"))
    return problems


_COUNTER = f"{xades('UnsignedSignatureProperties')}/{xades('CounterSignature')}/{ds('Signature')}"
# format.md §6: today's place, and the older one that the official viewer still looks for.
_PLACES = (
    f"{ds('Object')}/{xades('QualifyingProperties')}/{UNSIGNED}/{_COUNTER}",
    f"{ds('Object')}/{UNSIGNED}/{_COUNTER}",
)


def _counter(tree: Tree, now: datetime, problems: list[Problem]) -> SignatureCheck | None:
    signature = tree.getroot().find(ds("Signature"))
    value = signature.find(ds("SignatureValue")) if signature is not None else None
    if signature is None or value is None:
        return None  # the taxpayer's check has said so already
    found = [node for place in _PLACES for node in signature.findall(place)]
    inside = sum(1 for _ in signature.iter(ds("Signature"))) - 1
    if not inside:
        problems.append(Problem(Verdict.STRUCTURE, "berat.approved_no_countersignature"))
        return None
    if len(found) != 1 or inside != 1:
        problems.append(Problem(Verdict.STRUCTURE, "berat.approved_countersignature_place"))
        return None
    ids: Counter[str] = identifiers(tree.getroot())
    check = check_signature(found[0], Expectation(countersigned=value), ids=ids, now=now)
    problems += check.problems
    return check


def _trust(
    counter: SignatureCheck,
    anchors: Sequence[x509.Certificate],
    gib_tax_number: str,
    environment: Environment,
    now: datetime,
) -> list[Problem]:
    certificate = counter.certificate
    assert certificate is not None
    problems = []
    if tax_number(certificate) != gib_tax_number:
        facts = {"found": tax_number(certificate) or "-", "expected": gib_tax_number}
        problems.append(Problem(Verdict.OWNER, "berat.approved_not_gib", facts))
    if not fits_environment(certificate, environment):
        facts = {"environment": environment.value, "subject": common_name(certificate)}
        problems.append(Problem(Verdict.OWNER, "xmlsig.environment", facts))
    chain = certificate_chain_problem(
        certificate, anchors,
        moment=chain_moment(counter.signing_time, now),
        untrusted=untrusted_certificates(counter.parts),
    )  # fmt: skip
    return [*problems, *([chain] if chain else [])]
