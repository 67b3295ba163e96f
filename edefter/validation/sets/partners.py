"""Documents that belong together: yevmiye and kebir, ledger and berat, berat and approved berat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lxml import etree

from edefter.model.documents import DocumentName, Kind
from edefter.model.finding import Finding, FindingLog, Severity
from edefter.validation.names import clark
from edefter.validation.reading.extract import Element
from edefter.validation.sets.berat_check import check_berat
from edefter.validation.sets.group import Document, difference
from edefter.validation.sets.pair import check_pair

MISSING = "SET-01"
APPROVED = "SET-02"
_MAX_BERAT_BYTES = 20_000_000  # a berat has some 15 kB
_UNSIGNED = (
    f"{clark('ds:Signature')}/{clark('ds:Object')}"
    f"/{clark('xades:QualifyingProperties')}/{clark('xades:UnsignedProperties')}"
)


def check(documents: Sequence[Document], severity: Severity, log: FindingLog) -> None:
    """Compare every document with its partners (K-STR-14, B-STR-17, B-STR-18, SET-01, SET-02)."""
    limit = log.limit_per_rule
    by_name = {item.name: item for item in documents}
    kinds = {item.kind for item in documents}
    for document in documents:
        name = document.name
        if document.kind is Kind.K:
            yevmiye = by_name.get(name.with_kind(Kind.Y))
            if yevmiye is not None:
                paths = yevmiye.path, document.path
                log.merge(check_pair(*paths, limit_per_rule=limit, severity=severity))
        if document.kind.is_berat:
            ledger = by_name.get(replace(name, kind=document.kind.ledger, approved=False))
            if ledger is not None:
                paths = document.path, ledger.path
                log.merge(check_berat(*paths, limit_per_rule=limit, severity=severity))
        if name.approved:
            own = by_name.get(replace(name, approved=False))
            log.extend(_against_own(document, own, severity))
        log.extend(_missing(document, by_name, kinds))


def _missing(
    document: Document, by_name: dict[DocumentName, Document], kinds: set[Kind]
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
    if max(sizes) > _MAX_BERAT_BYTES or _without_unsigned(approved) != _without_unsigned(own):
        yield difference(
            APPROVED, "set_approved_differs", approved, severity, partner=own.path.name
        )


def _without_unsigned(document: Document) -> bytes:
    """Canonical form without what may be added to a signature after signing."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    root: Element = etree.parse(document.path, parser).getroot()
    for element in root.findall(_UNSIGNED):
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)
    return etree.tostring(root, method="c14n")
