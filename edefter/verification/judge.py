"""One signed document: every question of signing.md §6, each with its own answer.

Three conclusions are kept apart, so that an offline user sees what is known: whether the
cryptography holds, whether GİB's rules hold, and whether the signer is to be trusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from cryptography import x509

from edefter.berat.approved import ApprovedBerat, check_approved
from edefter.errors import DataError
from edefter.model.documents import DocumentName, Kind
from edefter.model.environment import Environment
from edefter.model.finding import Finding, FindingLog, Layer, Place, Severity
from edefter.signature.verify import Verification, verify_file
from edefter.telling import told
from edefter.timestamp.xades import StampsCheck, check_stamps
from edefter.trust.evidence import Evidence, find_evidence
from edefter.trust.judgement import Outcome, SigningMoment, TimeProof
from edefter.trust.offline import validate_with_evidence
from edefter.trust.revocation import RevocationChecker
from edefter.validation import validate
from edefter.xmlsig.certificate import common_name


class Question(StrEnum):
    """What is asked of a signed document, in the order of its telling."""

    STRUCTURE = "structure"
    INTEGRITY = "integrity"
    VALUE = "value"
    PROPERTIES = "properties"
    BINDING = "binding"
    KEY_USAGE = "key_usage"
    OWNER = "owner"
    TIME = "time"
    CHAIN = "chain"
    REVOCATION = "revocation"
    TIMESTAMP = "timestamp"
    COUNTERSIGNATURE = "countersignature"
    LINKS = "links"
    RULES = "rules"


CRYPTO = (
    Question.STRUCTURE, Question.INTEGRITY, Question.VALUE, Question.PROPERTIES, Question.BINDING,
)  # fmt: skip
TRUST = (
    Question.KEY_USAGE, Question.OWNER, Question.TIME, Question.CHAIN, Question.REVOCATION,
    Question.TIMESTAMP, Question.COUNTERSIGNATURE,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a document is judged on.

    Args:
        anchors: trust anchors; empty = the path is not asked.
        environment: whose world the approval has to be of.
        gib_tax_number: GİB's own number in its counter-signing certificate.
        now: measured time, zone-aware.
        checker: asks about revocation; None = offline.
        with_rules: schema and rules are asked too.
    """

    anchors: Sequence[x509.Certificate]
    environment: Environment
    gib_tax_number: str
    now: datetime
    checker: RevocationChecker | None = None
    with_rules: bool = True


@dataclass(slots=True, kw_only=True)
class Judgement:
    """What is known about one document.

    Args:
        path: the file.
        name: its e-Defter name, or None.
        answers: True, False, or None = not asked, not there, or not known.
        log: what is wrong or worth knowing, but for revocation.
        trust_finding: what is wrong or worth knowing of revocation and time.
        certificate: the taxpayer's.
        evidence: what lies beside the document.
        signing_time: as the signer claims.
        approved_at: when GİB counter-signed.
        outcome: how the signature stands after path, revocation and time; None without a path.
        proof: what proves the time.
        proven_at: by then the signature existed; None = only the signer says when.
        signature_value: without white space.
        ledger_value: of the ledger that a berat was made from.
    """

    path: Path
    name: DocumentName | None
    answers: dict[Question, bool | None] = field(default_factory=dict)
    log: FindingLog = field(default_factory=FindingLog)
    trust_finding: Finding | None = None
    certificate: x509.Certificate | None = None
    evidence: Evidence | None = None
    signing_time: datetime | None = None
    approved_at: datetime | None = None
    outcome: Outcome | None = None
    proof: TimeProof = TimeProof.CLAIM
    proven_at: datetime | None = None
    signature_value: str = ""
    ledger_value: str = ""

    @property
    def findings(self) -> FindingLog:
        """Everything that is wrong or worth knowing, with remedies."""
        found = FindingLog()
        found.merge(self.log)
        if self.trust_finding is not None:
            found.add(self.trust_finding)
        return found

    @property
    def signer(self) -> str:
        """Common name of the taxpayer's certificate; empty if it cannot be read."""
        return common_name(self.certificate) if self.certificate is not None else ""

    @property
    def approval(self) -> bool:
        """Whether it is a document that GİB gave back."""
        return self.name is not None and self.name.approved

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against the signature; the rules are another question."""
        asked = self.answers.items()
        return not any(no is False for question, no in asked if question is not Question.RULES)

    def conclusion(self, questions: Sequence[Question]) -> bool | None:
        """False when one answer is no, True when all that were answered are yes, else None."""
        answers = [self.answers.get(question) for question in questions]
        if False in answers:
            return False
        return True if any(answers) and self.answers.get(questions[0]) is not None else None


def judge(path: Path, ground: Ground) -> Judgement:
    """Ask everything about one document.

    Args:
        path: a ledger, berat, approved berat or report.
        ground: what it is judged on.

    Returns:
        Answers and findings; a broken document is a finding, not an exception.

    Raises:
        OSError: the file cannot be read.

    Source: signing.md §5, §6; gib-webservice.md §9.
    """
    found = Judgement(path=path, name=_name(path))
    owners = (found.name.tax_number,) if found.name is not None else ()
    own = verify_file(
        path, anchors=ground.anchors, tax_numbers=owners, now=ground.now, old_digests=True
    )
    _take(found, own)
    found.evidence = _evidence(found)
    stamps = _stamps(found, own, ground)
    approved = _approval(found, ground)
    if stamps is not None and stamps.gen_time is not None:
        _existed(found, stamps.gen_time, TimeProof.TIMESTAMP)
    if approved is not None and approved.ok and approved.approved_at is not None:
        _existed(found, approved.approved_at, TimeProof.COUNTERSIGNATURE)
    _trust(found, ground)
    if ground.with_rules:
        _rules(found)
    return found


def prove_time(found: Judgement, moment: datetime, proof: TimeProof, ground: Ground) -> None:
    """Judge revocation again, knowing that the signature existed by some time.

    Args:
        found: changed in place, if the time is earlier than what was proven before.
        moment: zone-aware.
        proof: what proves it.
        ground: what it was judged on.
    """
    before = found.proven_at
    _existed(found, moment, proof)
    if found.proven_at != before:
        found.trust_finding = None
        found.answers.pop(Question.REVOCATION, None)
        _trust(found, ground)


def _existed(found: Judgement, moment: datetime, proof: TimeProof) -> None:
    """The earliest time that somebody else vouches for."""
    if found.proven_at is None or moment < found.proven_at:
        found.proven_at, found.proof = moment, proof


def _name(path: Path) -> DocumentName | None:
    try:
        return DocumentName.parse(path.name)
    except ValueError:
        return None


def _take(found: Judgement, own: Verification) -> None:
    found.answers = {
        Question.STRUCTURE: own.structure,
        Question.INTEGRITY: own.integrity,
        Question.VALUE: own.value,
        Question.PROPERTIES: own.properties,
        Question.BINDING: own.binding,
        Question.KEY_USAGE: own.key_usage,
        Question.OWNER: own.owner,
        Question.TIME: own.time,
        Question.CHAIN: own.chain,
    }
    found.certificate = own.certificate
    found.signing_time, found.signature_value = own.signing_time, own.signature_value
    if not found.approval:  # what speaks against an approved berat, its own check tells
        found.log.extend(own.findings)


def _evidence(found: Judgement) -> Evidence | None:
    try:
        return find_evidence(found.path)
    except DataError as error:
        found.log.add(
            told(
                error.key, dict(error.facts), rule="SIG-EVIDENCE", layer=Layer.SIGNATURE,
                place=Place(file=found.path.name), severity=Severity.WARNING,
            )
        )  # fmt: skip
        return None


def _stamps(found: Judgement, own: Verification, ground: Ground) -> StampsCheck | None:
    if own.signature is None:
        return None
    untrusted = found.evidence.certificates if found.evidence is not None else ()
    stamps = check_stamps(own.signature, ground.anchors, untrusted)
    if stamps.count:
        found.answers[Question.TIMESTAMP] = stamps.gen_time is not None and not stamps.problems
        place, kind = Place(file=found.path.name, field="xades:SignatureTimeStamp"), _kind(found)
        found.log.extend(problem.finding(place, kind) for problem in stamps.problems)
    return stamps


def _kind(found: Judgement) -> Kind | None:
    return found.name.kind if found.name is not None else None


def _approval(found: Judgement, ground: Ground) -> ApprovedBerat | None:
    if not found.approval:
        return None
    approved = check_approved(
        found.path.read_bytes(), file_name=found.path.name, sent_berat=None,
        ledger_signature_value=None, anchors=ground.anchors,
        gib_tax_number=ground.gib_tax_number, environment=ground.environment, now=ground.now,
        old_digests=True,
    )  # fmt: skip
    found.log.merge(approved.findings)
    found.answers[Question.COUNTERSIGNATURE] = approved.ok
    found.approved_at, found.ledger_value = approved.approved_at, approved.ledger_signature_value
    return approved


def _trust(found: Judgement, ground: Ground) -> None:
    if found.certificate is None or found.signing_time is None:
        return
    if not found.answers.get(Question.CHAIN):
        return
    judged = validate_with_evidence(
        found.certificate, found.evidence, ground.anchors,
        SigningMoment(found.signing_time, found.proven_at, found.proof),
        checker=ground.checker, now=ground.now,
    )  # fmt: skip
    found.outcome = judged.outcome
    if judged.outcome in (Outcome.VALID, Outcome.VALID_AT_CLAIMED_TIME):
        found.answers[Question.REVOCATION] = True
    elif judged.outcome in (Outcome.REVOKED, Outcome.REVOKED_LATER):
        found.answers[Question.REVOCATION] = False
    if judged.problem is not None:
        place = Place(file=found.path.name)
        found.trust_finding = judged.problem.finding(place, _kind(found))


def _rules(found: Judgement) -> None:
    with found.path.open("rb") as stream:
        report = validate(stream, found.path.name, kind=_kind(found))
    found.answers[Question.RULES] = report.ok if report.kind is not None else None
