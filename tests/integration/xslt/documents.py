"""Tiny documents in the shape of the real ones, and the sound conformance cases."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

STYLESHEETS = {"Y": "yevmiye", "K": "kebir", "YB": "berat", "KB": "berat", "EB": "berat"}

NAMESPACES = (
    'xmlns:edefter="http://www.edefter.gov.tr" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
    'xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" '
    'xmlns:xbrli="http://www.xbrl.org/2003/instance" '
    'xmlns:gl-cor="http://www.xbrl.org/int/gl/cor/2006-10-25" '
    'xmlns:gl-bus="http://www.xbrl.org/int/gl/bus/2006-10-25" '
    'xmlns:gl-muc="http://www.xbrl.org/int/gl/muc/2006-10-25"'
)


def line(number: int, amount: str, dc: str, account: str = "100", comment: str = "") -> str:
    """One entryDetail; texts are escaped here."""
    return (
        f"<gl-cor:entryDetail><gl-cor:lineNumber>{number}</gl-cor:lineNumber>"
        "<gl-cor:lineNumberCounter>1</gl-cor:lineNumberCounter>"
        f"<gl-cor:account><gl-cor:accountMainID>{escape(account)}</gl-cor:accountMainID>"
        "<gl-cor:accountMainDescription>IŞIK KASASI</gl-cor:accountMainDescription>"
        f"</gl-cor:account><gl-cor:amount>{escape(amount)}</gl-cor:amount>"
        f"<gl-cor:debitCreditCode>{dc}</gl-cor:debitCreditCode>"
        "<gl-cor:postingDate>2026-01-31</gl-cor:postingDate>"
        f"<gl-cor:detailComment>{escape(comment)}</gl-cor:detailComment></gl-cor:entryDetail>"
    )


def signature(object_content: str = "", value: str = "QUJD") -> str:
    """A well-shaped ds:Signature; its cryptography is no matter of the view."""
    return (
        '<ds:Signature Id="S"><ds:SignedInfo><ds:SignatureMethod '
        'Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/></ds:SignedInfo>'
        f'<ds:SignatureValue Id="V">{value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data>'
        "<ds:X509SubjectName>CN=ÇAĞRI MÜHÜR</ds:X509SubjectName></ds:X509Data></ds:KeyInfo>"
        f"<ds:Object>{object_content}</ds:Object></ds:Signature>"
    )


def document(headers: str, *, title: str = "Ağaç İşleri A.Ş.", tail: str | None = None) -> str:
    """A document of the shape of format.md §8 with these entry headers."""
    return (
        f"<edefter:defter {NAMESPACES}><xbrli:xbrl><xbrli:context><xbrli:entity>"
        "<xbrli:identifier>1234567808</xbrli:identifier></xbrli:entity></xbrli:context>"
        "<xbrli:unit><xbrli:measure>iso4217:TRY</xbrli:measure></xbrli:unit>"
        "<gl-cor:accountingEntries><gl-cor:documentInfo>"
        "<gl-cor:entriesType>journal</gl-cor:entriesType>"
        "<gl-cor:uniqueID>YEV202601000001</gl-cor:uniqueID>"
        "<gl-cor:periodCoveredStart>2026-01-01</gl-cor:periodCoveredStart>"
        "<gl-cor:periodCoveredEnd>2026-01-31</gl-cor:periodCoveredEnd></gl-cor:documentInfo>"
        "<gl-cor:entityInformation><gl-bus:organizationIdentifiers>"
        f"<gl-bus:organizationIdentifier>{escape(title)}</gl-bus:organizationIdentifier>"
        "</gl-bus:organizationIdentifiers><gl-bus:entityWebSite>"
        f"<gl-bus:webSiteURL>javascript:alert(1)</gl-bus:webSiteURL></gl-bus:entityWebSite>"
        f"</gl-cor:entityInformation>{headers}</gl-cor:accountingEntries></xbrli:xbrl>"
        f"{signature() if tail is None else tail}</edefter:defter>"
    )


def entry(*lines: str, total: str = "0.00") -> str:
    """An entryHeader around lines."""
    return (
        f"<gl-cor:entryHeader><gl-bus:totalDebit>{total}</gl-bus:totalDebit>"
        f"<gl-bus:totalCredit>{total}</gl-bus:totalCredit>"
        f"<gl-cor:entryNumberCounter>1</gl-cor:entryNumberCounter>{''.join(lines)}"
        "</gl-cor:entryHeader>"
    )


def sound_cases(shared: Path, kinds: tuple[str, ...]) -> Iterator[tuple[str, str, bytes]]:
    """Kind, case and bytes of every valid conformance document without a document type."""
    with (shared / "conformance" / "verdicts.jsonl").open(encoding="utf-8") as lines:
        verdicts = [json.loads(text) for text in lines]
    wanted = {
        f"cases/{v['kind']}/{v['case']}/{v['file']}": v
        for v in verdicts
        if v["kind"] in kinds and v["xsd"] == "valid" and v["schematron"] == []
    }
    with tarfile.open(shared / "conformance" / "cases.tar.gz") as archive:
        for member in archive:
            if member.name not in wanted:
                continue
            stream = archive.extractfile(member)
            assert stream is not None
            raw = stream.read()
            if b"<!DOCTYPE" not in raw:
                yield wanted[member.name]["kind"], wanted[member.name]["case"], raw
