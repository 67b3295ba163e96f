"""Small valid e-Defter documents of every kind, written by us, and ways to spoil them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

from lxml import etree

from edefter.model.documents import Kind
from edefter.validation import names

TAX = "1234567808"
NAMESPACES = {
    **names.URIS,
    "link": "http://www.xbrl.org/2003/linkbase",
    "xlink": "http://www.w3.org/1999/xlink",
}
FILE = {
    Kind.Y: f"{TAX}-202601-Y-000000.xml",
    Kind.K: f"{TAX}-202601-K-000000.xml",
    Kind.YB: f"{TAX}-202601-YB-000000.xml",
    Kind.KB: f"{TAX}-202601-KB-000000.xml",
    Kind.DR: f"{TAX}-202601-DR-000000.xml",
    Kind.E: f"{TAX}-202601-E-000000.xml",
    Kind.EB: f"{TAX}-202601-EB-000000.xml",
}
_TYPE = {
    Kind.Y: "journal",
    Kind.K: "ledger",
    Kind.YB: "journal",
    Kind.KB: "ledger",
    Kind.DR: "trialbalance",
    Kind.E: "assets",
    Kind.EB: "assets",
}
_PREFIX = {"journal": "YEV", "ledger": "KEB", "assets": "ENV", "trialbalance": "KEB"}
_CONTEXT = {
    "journal": "journal_context",
    "ledger": "ledger_context",
    "assets": "assets_context",
    "trialbalance": "now",
}
_ROOT = {Kind.Y: "defter", Kind.K: "defter", Kind.E: "defter", Kind.DR: "defterraporu"}
_DUMMY = base64.b64encode(b"imza" * 12).decode()

_ROOT_SPACES = (
    'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:edefter="http://www.edefter.gov.tr" '
    'xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://www.edefter.gov.tr ../xsd/edefter.xsd"'
)
_XBRL_SPACES = (
    'xmlns:gl-bus="http://www.xbrl.org/int/gl/bus/2006-10-25" '
    'xmlns:gl-cor="http://www.xbrl.org/int/gl/cor/2006-10-25" '
    'xmlns:gl-muc="http://www.xbrl.org/int/gl/muc/2006-10-25" '
    'xmlns:gl-plt="http://www.xbrl.org/int/gl/plt/2006-10-25" '
    'xmlns:iso4217="http://www.xbrl.org/2003/iso4217" '
    'xmlns:iso639="http://www.xbrl.org/2005/iso639" '
    'xmlns:link="http://www.xbrl.org/2003/linkbase" '
    'xmlns:xbrli="http://www.xbrl.org/2003/instance" '
    'xmlns:xlink="http://www.w3.org/1999/xlink"'
)


class Writer:
    """Writes facts in the context of one kind."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.type = _TYPE[kind]
        self.context = _CONTEXT[self.type]

    def text(self, name: str, value: str) -> str:
        return f'<{name} contextRef="{self.context}">{value}</{name}>'

    def money(self, name: str, value: str, unit: str = "try") -> str:
        attributes = f'contextRef="{self.context}" decimals="INF" unitRef="{unit}"'
        return f"<{name} {attributes}>{value}</{name}>"

    def count(self, name: str, value: str) -> str:
        return self.money(name, value, "countable")

    # parts ----------------------------------------------------------------------------------
    def head(self) -> str:
        segment = ""
        if self.kind not in (Kind.Y, Kind.K, Kind.E):
            parts = [self.text("gl-cor:uniqueID", "0a1b2c3d-0000-4000-8000-0123456789ab")]
            if self.kind is not Kind.DR:
                parts.append(self.count("gl-bus:measurableQuantity", "0.01"))
            if self.kind in (Kind.YB, Kind.EB):
                parts.insert(0, self.count("gl-bus:numberOfEntries", "2"))
            segment = f"<xbrli:segment>{''.join(parts)}</xbrli:segment>"
        schema = "../xsd/2006-10-25/plt/case-c-b/gl-plt-2006-10-25.xsd"
        return (
            f'<link:schemaRef xlink:href="{schema}" xlink:type="simple"></link:schemaRef>'
            f'<xbrli:context id="{self.context}"><xbrli:entity>'
            f'<xbrli:identifier scheme="http://www.gib.gov.tr">{TAX}</xbrli:identifier>{segment}'
            "</xbrli:entity><xbrli:period><xbrli:instant>2026-02-10</xbrli:instant></xbrli:period>"
            "</xbrli:context>"
            '<xbrli:unit id="try"><xbrli:measure>iso4217:TRY</xbrli:measure></xbrli:unit>'
            '<xbrli:unit id="countable"><xbrli:measure>xbrli:pure</xbrli:measure></xbrli:unit>'
        )

    def info(self) -> str:
        last = "2026-01-01" if self.type == "assets" else "2026-01-31"
        return "<gl-cor:documentInfo>{}</gl-cor:documentInfo>".format(
            "".join(
                (
                    self.text("gl-cor:entriesType", self.type),
                    self.text("gl-cor:uniqueID", f"{_PREFIX[self.type]}202601000001"),
                    self.text("gl-cor:language", "iso639:tr"),
                    self.text("gl-cor:creationDate", "2026-02-10"),
                    self.text("gl-bus:creator", "Şükrü Işık"),
                    self.text("gl-cor:periodCoveredStart", "2026-01-01"),
                    self.text("gl-cor:periodCoveredEnd", last),
                    self.text("gl-bus:sourceApplication", f"{TAX}##Çınar Yazılım##edefter##1.0"),
                    self.text("gl-muc:defaultCurrency", "iso4217:TRY"),
                )
            )
        )

    def entity(self) -> str:
        def group(name: str, *parts: tuple[str, str]) -> str:
            inner = "".join(self.text(f"gl-bus:{child}", value) for child, value in parts)
            return f"<gl-bus:{name}>{inner}</gl-bus:{name}>"

        return "<gl-cor:entityInformation>{}</gl-cor:entityInformation>".format(
            "".join(
                (
                    group(
                        "entityPhoneNumber",
                        ("phoneNumberDescription", "main"),
                        ("phoneNumber", "3124445566"),
                    ),
                    group("entityEmailAddressStructure", ("entityEmailAddress", "bilgi@ornek.tr")),
                    group(
                        "organizationIdentifiers",
                        ("organizationIdentifier", "Çınar İnşaat ve Ticaret Limited Şirketi"),
                        ("organizationDescription", "Kurum Unvanı"),
                    ),
                    group(
                        "organizationAddress",
                        ("organizationBuildingNumber", "12/3"),
                        ("organizationAddressStreet", "Ihlamur Cad."),
                        ("organizationAddressCity", "Iğdır"),
                        ("organizationAddressZipOrPostalCode", "76000"),
                        ("organizationAddressCountry", "Türkiye"),
                    ),
                    group("entityWebSite", ("webSiteURL", "")),
                    self.text("gl-bus:businessDescription", "62.01.01"),
                    self.text("gl-bus:fiscalYearStart", "2026-01-01"),
                    self.text("gl-bus:fiscalYearEnd", "2026-12-31"),
                    group(
                        "accountantInformation",
                        ("accountantName", "SMMM Gülşah Öztürk"),
                        ("accountantEngagementTypeDescription", "-"),
                    ),
                )
            )
        )

    def line(self, number: int, entry: int, account: str, side: str, amount: str, day: str) -> str:
        parts = [
            self.text("gl-cor:lineNumber", str(number)),
            self.count("gl-cor:lineNumberCounter", str(entry)),
            "<gl-cor:account>",
            self.text("gl-cor:accountMainID", account),
            self.text("gl-cor:accountMainDescription", f"Hesap {account}"),
            "<gl-cor:accountSub>",
            self.text("gl-cor:accountSubDescription", "Ağaç &amp; İşleri A.Ş."),
            self.text("gl-cor:accountSubID", f"{account}.01"),
            "</gl-cor:accountSub></gl-cor:account>",
            self.money("gl-cor:amount", amount),
        ]
        if self.kind is not Kind.E:
            parts += [
                self.text("gl-muc:amountCurrency", "iso4217:TRY"),
                self.text("gl-cor:debitCreditCode", side),
                self.text("gl-cor:postingDate", day),
                self.text("gl-cor:documentType", "invoice"),
                self.text("gl-cor:documentNumber", f"ABC2026{number:09d}"),
                self.text("gl-cor:documentReference", f"F{entry:06d}"),
                self.text("gl-cor:documentDate", day),
                self.text("gl-bus:paymentMethod", "banka"),
            ]
        parts.append(self.text("gl-cor:detailComment", "Satış faturası"))
        return f"<gl-cor:entryDetail>{''.join(parts)}</gl-cor:entryDetail>"

    def entry(self, number: int, day: str, lines: list[tuple[int, str, str, str]]) -> str:
        parts = [
            self.text("gl-cor:enteredBy", "Muhasebe"),
            self.text("gl-cor:enteredDate", day),
            self.text("gl-cor:entryNumber", f"F{number:06d}"),
        ]
        if self.kind is Kind.Y:
            total = sum(int(amount.replace(".", "")) for _, _, side, amount in lines if side == "D")
            for name in ("totalDebit", "totalCredit"):
                parts.append(self.money(f"gl-bus:{name}", f"{total / 100:.2f}"))
        parts.append(self.count("gl-cor:entryNumberCounter", str(number)))
        parts += [
            self.line(line, number, account, side, amount, day)
            for line, account, side, amount in lines
        ]
        return f"<gl-cor:entryHeader>{''.join(parts)}</gl-cor:entryHeader>"

    def account(self, account: str, lines: list[tuple[int, int, str, str]]) -> str:
        balance = sum(
            int(amount.replace(".", "")) * (1 if side == "D" else -1)
            for _, _, side, amount in lines
        )
        parts = [
            self.money("gl-bus:totalDebit", f"{max(balance, 0) / 100:.2f}"),
            self.money("gl-bus:totalCredit", f"{max(-balance, 0) / 100:.2f}"),
        ]
        parts += [
            self.line(line, entry, account, side, amount, f"2026-01-{entry + 1:02d}")
            for line, entry, side, amount in lines
        ]
        return f"<gl-cor:entryHeader>{''.join(parts)}</gl-cor:entryHeader>"

    def tax_lines(self) -> str:
        accounts = ("391", "191", "600", "601", "602")
        if self.kind is Kind.DR:
            accounts = ("100", "600")
        parts = [self.text("gl-cor:qualifierEntry", "standard")]
        for number, (account, side) in enumerate(
            ((account, side) for account in accounts for side in "DC"), start=1
        ):
            parts.append(
                "<gl-cor:entryDetail>"
                + self.text("gl-cor:lineNumber", str(number))
                + "<gl-cor:account>"
                + self.text("gl-cor:accountMainID", account)
                + self.text("gl-cor:accountMainDescription", f"Hesap {account}")
                + "</gl-cor:account>"
                + self.money("gl-cor:amount", "0.00")
                + self.text("gl-cor:debitCreditCode", side)
                + (self.text("gl-cor:documentApplyToNumber", "0") if self.kind is Kind.DR else "")
                + "<gl-cor:xbrlInfo>"
                + self.text("gl-cor:xbrlInclude", "period_change")
                + "</gl-cor:xbrlInfo></gl-cor:entryDetail>"
            )
        return f"<gl-cor:entryHeader>{''.join(parts)}</gl-cor:entryHeader>"

    def entries(self) -> str:
        if self.kind in (Kind.Y, Kind.E):
            return self.entry(
                1, "2026-01-02" if self.kind is Kind.Y else "2026-01-01", _LINES_1
            ) + self.entry(2, "2026-01-03" if self.kind is Kind.Y else "2026-01-01", _LINES_2)
        if self.kind is Kind.K:
            return (
                self.account("100", [(1, 1, "D", "120.00"), (4, 2, "C", "30.50")])
                + self.account("320", [(3, 2, "D", "30.50")])
                + self.account("600", [(2, 1, "C", "120.00")])
            )
        return "" if self.kind is Kind.EB else self.tax_lines()

    def signature(self) -> str:
        ds = "http://www.w3.org/2000/09/xmldsig#"
        digest = (
            '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
            f"<ds:DigestValue>{_DUMMY}</ds:DigestValue>"
        )
        return (
            '<ds:Signature Id="S1"><ds:SignedInfo>'
            "<ds:CanonicalizationMethod "
            'Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"/>'
            '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
            f'<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="{ds}enveloped-signature"'
            f"/></ds:Transforms>{digest}</ds:Reference>"
            f'<ds:Reference URI="#SP1" Type="http://uri.etsi.org/01903#SignedProperties">{digest}'
            f'</ds:Reference></ds:SignedInfo><ds:SignatureValue Id="SV1">{_DUMMY}'
            "</ds:SignatureValue><ds:KeyInfo><ds:X509Data>"
            "<ds:X509SubjectName>CN=Çınar İnşaat</ds:X509SubjectName>"
            f"<ds:X509Certificate>{_DUMMY}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
            '<ds:Object><xades:QualifyingProperties Target="#S1"><xades:SignedProperties Id="SP1">'
            "<xades:SignedSignatureProperties><xades:SigningTime>2026-02-10T09:00:00+03:00"
            f"</xades:SigningTime><xades:SigningCertificate><xades:Cert><xades:CertDigest>{digest}"
            "</xades:CertDigest><xades:IssuerSerial><ds:X509IssuerName>CN=Kök</ds:X509IssuerName>"
            "<ds:X509SerialNumber>1</ds:X509SerialNumber></xades:IssuerSerial></xades:Cert>"
            "</xades:SigningCertificate></xades:SignedSignatureProperties></xades:SignedProperties>"
            "</xades:QualifyingProperties></ds:Object></ds:Signature>"
        )

    def start(self) -> str:
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<edefter:{_ROOT.get(self.kind, 'berat')} {_ROOT_SPACES}>"
            f"<xbrli:xbrl {_XBRL_SPACES}>{self.head()}<gl-cor:accountingEntries>"
            f"{self.info()}{self.entity()}"
        )

    def end(self, *, signed: bool = True) -> str:
        value = f"<ds:SignatureValue>{_DUMMY}</ds:SignatureValue>" if self.kind.is_berat else ""
        return (
            f"</gl-cor:accountingEntries></xbrli:xbrl>{value}"
            f"{self.signature() if signed else ''}</edefter:{_ROOT.get(self.kind, 'berat')}>"
        )


_LINES_1 = [(1, "100", "D", "120.00"), (2, "600", "C", "120.00")]
_LINES_2 = [(3, "320", "D", "30.50"), (4, "100", "C", "30.50")]


def document(kind: Kind, *, signed: bool = True) -> bytes:
    """A small valid document."""
    writer = Writer(kind)
    return (writer.start() + writer.entries() + writer.end(signed=signed)).encode()


def journal(entries: int, lines_each: int = 2) -> Iterator[bytes]:
    """A journal of any length, in chunks."""
    writer = Writer(Kind.Y)
    yield writer.start().encode()
    line = 0
    for number in range(1, entries + 1):
        lines = []
        for index in range(lines_each):
            line += 1
            lines.append((line, "100" if index % 2 == 0 else "600", "DC"[index % 2], "12.34"))
        day = 1 + number * 30 // (entries + 1)
        yield writer.entry(number, f"2026-01-{day:02d}", lines).encode()
    yield writer.end().encode()


Change = Callable[[etree._Element], None]


def find(root: etree._Element, path: str) -> list[etree._Element]:
    """Elements by a path with our prefixes; at least one must be there."""
    found = root.xpath(path, namespaces=NAMESPACES)
    assert found, path
    return found


def drop(path: str) -> Change:
    """Take elements out."""

    def change(root: etree._Element) -> None:
        for element in find(root, path):
            element.getparent().remove(element)

    return change


def put(path: str, text: str) -> Change:
    """Give elements another text."""

    def change(root: etree._Element) -> None:
        for element in find(root, path):
            element.text = text

    return change


def attribute(path: str, name: str, value: str | None) -> Change:
    """Set or take away an attribute."""

    def change(root: etree._Element) -> None:
        for element in find(root, path):
            if value is None:
                element.attrib.pop(name, None)
            else:
                element.set(name, value)

    return change


def after(path: str, xml: str) -> Change:
    """Put new elements behind the first found; `@C` stands for the context attribute."""

    def change(root: etree._Element) -> None:
        anchor = find(root, path)[0]
        anchor.addnext(_fragment(root, xml))

    return change


def into(path: str, xml: str) -> Change:
    """Put a new element into the first found, at its end."""

    def change(root: etree._Element) -> None:
        find(root, path)[0].append(_fragment(root, xml))

    return change


def twice(path: str) -> Change:
    """Repeat the first element found."""

    def change(root: etree._Element) -> None:
        element = find(root, path)[0]
        element.addnext(etree.fromstring(etree.tostring(element, with_tail=False)))

    return change


def rename(path: str, name: str) -> Change:
    """Give elements another name."""

    def change(root: etree._Element) -> None:
        for element in find(root, path):
            element.tag = names.clark(name)

    return change


def both(*changes: Change) -> Change:
    """Several changes in a row."""

    def change(root: etree._Element) -> None:
        for one in changes:
            one(root)

    return change


def _fragment(root: etree._Element, xml: str) -> etree._Element:
    contexts = root.xpath("//@contextRef")
    text = xml.replace("@C", f'contextRef="{contexts[0]}"')
    return etree.fromstring(
        f'<x {_ROOT_SPACES} {_XBRL_SPACES} xmlns:defterek="{names.EK}">{text}</x>'
    )[0]


def spoiled(kind: Kind, change: Change) -> bytes:
    """A valid document with one change."""
    root = etree.fromstring(document(kind))
    change(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
