"""What is wrong with a signature, as a value that knows which verdict it spoils."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from edefter.model.documents import Kind
from edefter.model.finding import Finding, Layer, Place, Severity
from edefter.telling import told


class Verdict(StrEnum):
    """The separate questions that a check answers (signing.md §6)."""

    STRUCTURE = "structure"  # well-formed, one signature at its place, no tricks
    INTEGRITY = "integrity"  # digests of the references
    VALUE = "value"  # signature value fits SignedInfo and the certificate's key
    PROPERTIES = "properties"  # SignedProperties are themselves signed
    BINDING = "binding"  # CertDigest and IssuerSerial name the certificate
    CHAIN = "chain"  # certificate path to an anchor
    REVOCATION = "revocation"  # not revoked when it signed
    KEY_USAGE = "key_usage"  # a signing certificate
    OWNER = "owner"  # subject serialNumber
    TIME = "time"  # SigningTime is plausible
    TIMESTAMP = "timestamp"  # a time stamp that is there proves the time
    CONTENT = "content"  # what the document says or is compared with


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Args:
        verdict: the question that it answers with no.
        key: message key, `<area>.<name>`.
        facts: what the sentence needs.
        severity: a warning leaves the verdict as it is.
    """

    verdict: Verdict
    key: str
    facts: dict[str, Any] = field(default_factory=dict)
    severity: Severity = Severity.ERROR

    @property
    def rule(self) -> str:
        """Rule id: `SIG-` and the message's name."""
        return "SIG-" + self.key.partition(".")[2].upper().replace("_", "-")

    def finding(self, place: Place, kind: Kind | None = None) -> Finding:
        """The problem as a finding at `place`."""
        layer = Layer.CROSS if self.verdict is Verdict.CONTENT else Layer.SIGNATURE
        return told(
            self.key,
            self.facts,
            rule=self.rule,
            layer=layer,
            place=place,
            severity=self.severity,
            kind=kind,
        )


class Unreadable(Exception):
    """Internal short cut: reading cannot go on; carries the problem and never leaves xmlsig."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.key)


def not_well_formed(detail: object) -> Unreadable:
    """That a document is no XML that can be judged.

    Args:
        detail: what the parser says.
    """
    return Unreadable(Problem(Verdict.STRUCTURE, "xmlsig.not_well_formed", {"detail": str(detail)}))
