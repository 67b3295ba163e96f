"""Documents that belong together: yevmiye and kebir, ledger and berat, berat and approved berat."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from lxml import etree

from edefter.model.documents import DocumentName, Kind
from edefter.model.finding import Finding, FindingLog, Severity
from edefter.validation.sets.berat_check import check_berat
from edefter.validation.sets.group import Document, difference, unreadable
from edefter.validation.sets.pair import check_pair
from edefter.validation.sets.readings import Readings
from edefter.xmlsig.additions import without_additions
from edefter.xmlsig.problem import Unreadable

MISSING = "SET-01"
APPROVED = "SET-02"
_MAX_BERAT_BYTES = 20_000_000  # a berat has some 15 kB


def check(
    part: Sequence[Document],
    kinds: Collection[Kind],
    severity: Severity,
    log: FindingLog,
    readings: Readings,
) -> None:
    """Compare the documents of one part (K-STR-14, B-STR-17, B-STR-18, SET-01, SET-02).

    Args:
        part: documents of one month and part number.
        kinds: that the whole set holds; only of these a document can be missing.
        severity: of differences; missing documents are warned about.
        log: takes the findings.
        readings: of this part.
    """
    limit = log.limit_per_rule
    by_name = {item.name: item for item in part}
    for document in part:
        name = document.name
        if document.kind is Kind.K:
            yevmiye = by_name.get(name.with_kind(Kind.Y))
            if yevmiye is not None:
                found = check_pair(
                    yevmiye.path,
                    document.path,
                    limit_per_rule=limit,
                    severity=severity,
                    readings=readings,
                )
                log.merge(found)
        if document.kind.is_berat:
            ledger = by_name.get(replace(name, kind=document.kind.ledger, approved=False))
            if ledger is not None:
                found = check_berat(
                    document.path,
                    ledger.path,
                    limit_per_rule=limit,
                    severity=severity,
                    readings=readings,
                )
                log.merge(found)
        if name.approved:
            own = by_name.get(replace(name, approved=False))
            log.extend(_against_own(document, own, severity))
        log.extend(_missing(document, by_name, kinds))


def _missing(
    document: Document, by_name: Mapping[DocumentName, Document], kinds: Collection[Kind]
) -> Iterator[Finding]:
    """A partner that is not there, where the set holds other documents of its kind."""
    wanted: list[Kind] = []
    if document.kind in (Kind.Y, Kind.K):
        wanted = [Kind.K if document.kind is Kind.Y else Kind.Y, document.kind.berat]
    elif document.kind is Kind.E:
        wanted = [Kind.EB]
    elif document.kind.is_berat and not document.name.approved:
        wanted = [document.kind.ledger]
    for kind in wanted:
        partner = document.name.with_kind(kind)
        if kind in kinds and not {partner, partner.as_approved()} & by_name.keys():
            yield difference(
                MISSING, "set_missing_partner", document, Severity.WARNING, partner=partner.xml
            )


def _against_own(approved: Document, own: Document | None, severity: Severity) -> Iterator[Finding]:
    """An approved berat is the berat that was sent, plus GİB's counter-signature, and no more."""
    if own is None:
        return
    sizes = approved.facts.size_bytes, own.facts.size_bytes
    same = False
    if max(sizes) <= _MAX_BERAT_BYTES:
        try:
            same = without_additions(approved.path) == without_additions(own.path)
        except (Unreadable, etree.LxmlError):  # no canonical form: nobody can say they are equal
            same = False
        except OSError as problem:
            yield unreadable(APPROVED, approved, problem, severity)
            return
    if not same:
        yield difference(APPROVED, "set_approved_differs", approved, severity, partner=own.file)
