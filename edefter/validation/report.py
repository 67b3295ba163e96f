"""What validation answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from edefter.model.documents import Kind
from edefter.model.files import Totals
from edefter.model.finding import FindingLog, Layer, Severity
from edefter.validation.gathering.reading import Reading
from edefter.validation.judging.entries_proof import EntriesProof


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was counted and read while validating.

    Args:
        totals: entries, lines and sums of the file; money in kuruş.
        size_bytes: length of the file.
        unique_id: control number of documentInfo.
        period_start, period_end: as written.
        first_entry, last_entry: entry numbers as written (Y, E).
        first_line, last_line: line numbers as written.
        tax_id: VKN or TCKN of the context.
        branch: `Şube No`, or empty.
        title: `Kurum Unvanı` or `Adı Soyadı`.
        fiscal_start, fiscal_end: as written.
        currency: defaultCurrency as written, or empty.
    """

    totals: Totals = field(default_factory=Totals)
    size_bytes: int = 0
    unique_id: str = ""
    period_start: str = ""
    period_end: str = ""
    first_entry: str = ""
    last_entry: str = ""
    first_line: str = ""
    last_line: str = ""
    tax_id: str = ""
    branch: str = ""
    title: str = ""
    fiscal_start: str = ""
    fiscal_end: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The verdict on one document.

    Args:
        name: file name.
        kind: whose rules were applied; None when the kind could not be told.
        findings: all findings, Turkish and English.
        evaluated: False = the official engine would stop (or the file is no XML); there is then
            no list of official findings.
        well_formed: False = not read to its end as XML.
        schema_valid: the XSD verdict alone.
        facts: counts and sums; empty when not well-formed.
        reading: what comparisons with other documents need, when it was asked for.
        proof: of a yevmiye or kebir without any finding: spares its entries a second look once
            it is signed.
        sha256: of the file as it was read, when `proof` was wanted; lower-case hex.
        sha256_before: of the file as it was before the `insertion`; lower-case hex.
    """

    name: str
    kind: Kind | None
    findings: FindingLog
    evaluated: bool
    well_formed: bool
    schema_valid: bool
    facts: Facts = field(default_factory=Facts)
    reading: Reading | None = field(default=None, repr=False, compare=False)
    proof: EntriesProof | None = field(default=None, repr=False, compare=False)
    sha256: str = field(default="", compare=False)
    sha256_before: str = field(default="", compare=False)

    @property
    def ok(self) -> bool:
        """Whether nothing stops the work."""
        return self.well_formed and self.evaluated and not self.findings.has_errors

    @property
    def official_ids(self) -> set[str]:
        """Ids of the official rules that fired."""
        return {item.rule for item in self.findings if item.layer is Layer.OFFICIAL}

    @property
    def errors(self) -> int:
        """Number of kept findings that stop the work."""
        return sum(item.severity is Severity.ERROR for item in self.findings)
