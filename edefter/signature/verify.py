"""Verify a signed document: separate answers, so that an offline user sees what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from edefter.errors import DataError
from edefter.model.documents import DocumentName, Kind
from edefter.model.finding import FindingLog, Place, Severity
from edefter.xmlsig.certificate import tax_number
from edefter.xmlsig.check import (
    Expectation,
    SignatureCheck,
    chain_moment,
    check_signature,
    untrusted_certificates,
)
from edefter.xmlsig.document import open_document
from edefter.xmlsig.names import ds
from edefter.xmlsig.parsing import Element
from edefter.xmlsig.problem import Problem, Unreadable, Verdict
from edefter.xmlsig.read import compact


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What is known about a document's signature; None = not asked, or not reached.

    Args:
        structure: well-formed, one signature at its place, nothing unexpected.
        integrity: the digests of the references match the content.
        value: the signature value fits SignedInfo and the certificate's key.
        properties: SignedProperties are signed too.
        binding: CertDigest, IssuerSerial and KeyValue belong to the certificate.
        key_usage: it is a signing certificate.
        time: SigningTime lies within the certificate's validity and not in the future.
        chain: the certificate leads to an anchor (None without anchors).
        owner: subject serialNumber is one of those asked for (None without).
        findings: everything that is wrong, with remedies.
        signature_value: text of ds:SignatureValue without white space; empty if unreadable.
        signing_time: as claimed by the signer, zone-aware.
        certificate: the signer's.
        canonical: the bytes were proven canonical, no tree was needed.
        signature: the ds:Signature where it stands, for further questions (time stamps); None if
            unreadable.
    """

    structure: bool | None
    integrity: bool | None
    value: bool | None
    properties: bool | None
    binding: bool | None
    key_usage: bool | None
    time: bool | None
    chain: bool | None
    owner: bool | None
    findings: FindingLog
    signature_value: str
    signing_time: datetime | None
    certificate: x509.Certificate | None
    canonical: bool
    signature: Element | None

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against the signature."""
        return not self.findings.has_errors


def verify_file(
    path: Path,
    *,
    anchors: Sequence[x509.Certificate] = (),
    tax_numbers: Sequence[str] = (),
    now: datetime | None = None,
    must_be_canonical: bool = False,
    old_digests: bool = False,
) -> Verification:
    """Verify the taxpayer's signature of a ledger or berat.

    Accepts any c14n and every RSA or ECDSA method with SHA-256 and up; refuses SHA-1, RSA below
    2048 bits, unexpected references and transforms, duplicate Ids and misplaced signatures.

    Args:
        path: the document.
        anchors: trust anchors; empty = the path is not asked.
        tax_numbers: who may have signed; empty = not asked.
        now: measured time, zone-aware; None = the computer's.
        must_be_canonical: for our own output: bytes that are not canonical are an error.
        old_digests: SHA-1 in references and CertDigest, as others once signed, is a remark and no
            error.

    Returns:
        Verdicts and findings; a broken document is a finding, not an exception.

    Raises:
        OSError: the file cannot be read.

    Source: signing.md §1 and §6; XML-DSig (W3C 2008) §3.2; ETSI TS 101 903.
    """
    measured = now or datetime.now(UTC)
    canonical = False
    try:
        document = open_document(path, must_be_canonical=must_be_canonical)
        canonical = document.proof is not None
        check = check_signature(
            document.signature,
            Expectation(document=document.digest, old_digests=old_digests),
            ids=document.ids,
            now=measured,
        )
    except Unreadable as error:
        check = SignatureCheck(None, None, None, (error.problem,), complete=False)
    problems = list(check.problems)
    problems += _trust(check, anchors, tax_numbers, measured)
    return _verification(
        path, check, problems,
        canonical=canonical,
        chain_asked=bool(anchors), owner_asked=bool(tax_numbers),
    )  # fmt: skip


def _trust(
    check: SignatureCheck,
    anchors: Sequence[x509.Certificate],
    tax_numbers: Sequence[str],
    now: datetime,
) -> list[Problem]:
    if check.certificate is None:
        return []
    problems = []
    if anchors:
        # Only who asks for it waits for the path validator to be loaded.
        from edefter.trust.path import certificate_chain_problem

        chain = certificate_chain_problem(
            check.certificate, anchors,
            moment=chain_moment(check.signing_time, now),
            untrusted=untrusted_certificates(check.parts),
        )  # fmt: skip
        problems += [chain] if chain else []
    owner = tax_number(check.certificate)
    if tax_numbers and owner not in tax_numbers:
        facts = {"found": owner or "-", "expected": ", ".join(tax_numbers)}
        problems.append(Problem(Verdict.OWNER, "xmlsig.owner", facts))
    return problems


def _verification(
    path: Path,
    check: SignatureCheck,
    problems: list[Problem],
    *,
    canonical: bool,
    chain_asked: bool,
    owner_asked: bool,
) -> Verification:
    failed = {p.verdict for p in problems if p.severity is Severity.ERROR}

    def verdict(which: Verdict, asked: bool = True) -> bool | None:
        if which in failed:
            return False
        return True if asked and check.complete else None

    findings = FindingLog()
    place, kind = Place(file=path.name), _kind(path)
    findings.extend(problem.finding(place, kind) for problem in problems)
    return Verification(
        structure=verdict(Verdict.STRUCTURE),
        integrity=verdict(Verdict.INTEGRITY),
        value=verdict(Verdict.VALUE),
        properties=verdict(Verdict.PROPERTIES),
        binding=verdict(Verdict.BINDING),
        key_usage=verdict(Verdict.KEY_USAGE),
        time=verdict(Verdict.TIME),
        chain=verdict(Verdict.CHAIN, chain_asked),
        owner=verdict(Verdict.OWNER, owner_asked),
        findings=findings,
        signature_value=check.parts.value_text if check.parts else "",
        signing_time=check.signing_time,
        certificate=check.certificate,
        canonical=canonical,
        signature=check.parts.element if check.parts else None,
    )


def _kind(path: Path) -> Kind | None:
    try:
        return DocumentName.parse(path.name).kind
    except ValueError:
        return None


def read_signature_value(path: Path) -> str:
    """The text of a document's own ds:SignatureValue without white space, unverified.

    Args:
        path: a signed ledger or berat.

    Raises:
        DataError: not readable as a signed document.
        OSError: the file cannot be read.
    """
    try:
        signature = open_document(path).signature
    except Unreadable as error:
        raise DataError(error.problem.key, file=path.name, **error.problem.facts) from None
    return compact(signature.findtext(ds("SignatureValue")))
