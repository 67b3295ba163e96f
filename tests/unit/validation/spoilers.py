"""One way to break every official rule: (family, rule name) -> change of a valid document."""

from __future__ import annotations

from edefter.model.documents import Kind
from tests.unit.validation.documents import (
    Change,
    after,
    attribute,
    both,
    drop,
    into,
    put,
    rename,
    twice,
)

KIND = {"Y": Kind.Y, "K": Kind.K, "R": Kind.DR, "E": Kind.E, "EB": Kind.EB}
"""Kind that stands for a family; `B` is YB unless `KEBIR_BERAT` says otherwise."""
KEBIR_BERAT = {"CTX-01", "INF-02b", "INF-04b"}

HDR = "//gl-cor:entryHeader"
DET = "//gl-cor:entryDetail"
LAST = "(//gl-cor:entryHeader)[last()]"
FIRST_LINE = "(//gl-cor:entryDetail)[1]"
SIGN = "/*/ds:Signature"
_NUMBER = 'decimals="INF" unitRef="countable"'


def _description(text: str) -> Change:
    return put("//gl-bus:organizationDescription", text)


def _identifiers(*pairs: tuple[str, str]) -> Change:
    return both(
        *(
            after(
                "//gl-bus:organizationIdentifiers",
                "<gl-bus:organizationIdentifiers>"
                f"<gl-bus:organizationIdentifier @C>{value}</gl-bus:organizationIdentifier>"
                f"<gl-bus:organizationDescription @C>{text}</gl-bus:organizationDescription>"
                "</gl-bus:organizationIdentifiers>",
            )
            for text, value in pairs
        )
    )


def _segment(xml: str) -> Change:
    return into("//xbrli:entity", f"<xbrli:segment>{xml}</xbrli:segment>")


def _fund(**changes: str | None) -> Change:
    fields = {
        "measurableCode": "NT",
        "measurableCodeDescription": "Maddi Olmayan Kalemler",
        "measurableQuantity": "2",
        "measurableQualifier": "Fon",
        "measurableUnitOfMeasure": "Adet",
        "measurableCostPerUnit": "60.00",
    } | changes
    xml = "".join(
        f"<gl-bus:{name} @C{_attributes(name)}>{value}</gl-bus:{name}>"
        for name, value in fields.items()
        if value is not None
    )
    return into(FIRST_LINE, f"<gl-bus:measurable>{xml}</gl-bus:measurable>")


def _attributes(name: str) -> str:
    if name == "measurableQuantity":
        return f" {_NUMBER}"
    return ' decimals="INF" unitRef="try"' if name == "measurableCostPerUnit" else ""


def _second_info(kind: str) -> Change:
    xml = f"<gl-cor:entriesType @C>{kind}</gl-cor:entriesType>"
    return after("//gl-cor:documentInfo", f"<gl-cor:documentInfo>{xml}</gl-cor:documentInfo>")


def _goods(xml: str) -> Change:
    return into(FIRST_LINE, f"<gl-bus:measurable>{xml}</gl-bus:measurable>")


def _attachment(attributes: str, content: str = "YQ==") -> Change:
    return after(
        "//xbrli:xbrl",
        f"<extensions><extension><defterek:binaryObject {attributes}>{content}"
        "</defterek:binaryObject></extension></extensions>",
    )


FUND = _fund()
"""A correct fund measurable (120.00 = 2 × 60.00)."""

COMMON: dict[str, Change] = {
    "GEN-01": attribute("//xbrli:xbrl", "decimals", "4"),
    "GEN-02": rename("/*", "ek"),
    "CTX-01": _segment(f"<gl-bus:numberOfEntries @C {_NUMBER}>1</gl-bus:numberOfEntries>"),
    "CTX-02": _segment("<gl-cor:uniqueID @C>x</gl-cor:uniqueID>"),
    "CTX-03": drop("//xbrli:segment/gl-cor:uniqueID"),
    "CTX-04": drop("//xbrli:segment/gl-bus:measurableQuantity"),
    "CTX-05": put("//xbrli:segment/gl-bus:measurableQuantity", "0.001"),
    "CTX-06": put("//xbrli:segment/gl-cor:uniqueID", "0a1b2c3d-0000-4000-8000-0123456789a"),
    "CTX-07": put("//xbrli:identifier", "9999999999"),
    "DOC-01": drop(SIGN),
    "DOC-02": _attachment('mimeCode="application/pdf" filename="a.pdf"'),
    "SIG-00": attribute(f"{SIGN}/ds:SignatureValue", "Id", None),
    "SIG-01": drop(f"{SIGN}//ds:Transforms"),
    "SIG-02": drop(f"{SIGN}/ds:KeyInfo"),
    "SIG-03": rename(f"{SIGN}/ds:KeyInfo/ds:X509Data", "ds:SPKIData"),
    "SIG-04": drop(f"{SIGN}/ds:Object"),
    "SIG-05": drop("//xades:SigningTime"),
    "SIG-06": rename("//xades:SigningCertificate", "xades:SigningCertificateV2"),
    "SIG-07": attribute(f"{SIGN}//ds:Reference", "URI", ""),
    "SIG-08": attribute("//ds:SignatureMethod", "Algorithm", "urn:rsa-sha1"),
    "SIG-09": drop("//ds:X509Certificate"),
    "SIG-10": put("//ds:X509SubjectName", "  \n"),
    "XBR-01": drop("//xbrli:context"),
    "XBR-02": drop("//xbrli:unit"),
    "XBR-03": drop("//gl-cor:accountingEntries"),
    "XBR-04": drop("//xbrli:measure"),
    "XBR-05": put("(//xbrli:measure)[1]", "xbrli:pure"),
    "XBR-06": put("//xbrli:identifier", "123"),
    "MEA-01": put("(//xbrli:measure)[1]", "iso4217:SLE"),
    "MEA-03": attribute("(//xbrli:unit)[1]", "id", "EUR"),
    "MEA-04": both(
        attribute("(//xbrli:unit)[1]", "id", "TRY"),
        put("//gl-muc:defaultCurrency", "iso4217:EUR"),
    ),
    "AEN-01": drop("//gl-cor:documentInfo"),
    "AEN-02": drop("//gl-cor:entityInformation"),
    "INF-01": drop("//gl-cor:entriesType"),
    "INF-02": put("//gl-cor:entriesType", "account"),
    "INF-03": drop("//gl-cor:documentInfo/gl-cor:uniqueID"),
    "INF-04": put("//gl-cor:documentInfo/gl-cor:uniqueID", "XXX202601000001"),
    "INF-04a": put("//gl-cor:documentInfo/gl-cor:uniqueID", "KEB202601000001"),
    "INF-04b": put("//gl-cor:documentInfo/gl-cor:uniqueID", "YEV202601000001"),
    "INF-05": put("//gl-cor:documentInfo/gl-cor:uniqueID", "YEV2026010000001"),
    "INF-06": drop("//gl-cor:creationDate"),
    "INF-07": drop("//gl-cor:periodCoveredStart"),
    "INF-08": drop("//gl-cor:periodCoveredEnd"),
    "INF-09": put("//gl-cor:periodCoveredEnd", "2025-12-31"),
    "INF-10": put("//gl-cor:creationDate", "2025-12-31"),
    "INF-11": put("//gl-bus:sourceApplication", " \t"),
    "INF-12": put("//gl-cor:periodCoveredStart", "2026-02-01"),
    "INF-13": put("//gl-cor:periodCoveredEnd", "2027-01-31"),
    "INF-14": put("//gl-cor:periodCoveredEnd", "2026-02-28"),
    "INF-15": put("//gl-cor:documentInfo/gl-cor:uniqueID", "YEV202602000001"),
    "EIN-01": drop("//gl-bus:entityPhoneNumber"),
    "EIN-02": drop("//gl-bus:entityEmailAddressStructure"),
    "EIN-03": drop("//gl-bus:organizationIdentifiers"),
    "EIN-04": _description("Kurum Ünvanı"),
    "EIN-05": put("//xbrli:identifier", "10000000146"),
    "EIN-06": _identifiers(("Adı Soyadı", "İpek Ağır")),
    "EIN-07": put("//gl-bus:organizationIdentifier", " Ç "),
    "EIN-08": both(put("//gl-bus:organizationIdentifier", "Ş"), _description("Adı Soyadı")),
    "EIN-09": _identifiers(("Şube No", "0001")),
    "EIN-10": _identifiers(("Şube No", "0001"), ("Şube No", "0002")),
    "EIN-11": _identifiers(("Şube No", "12345")),
    "EIN-12": _identifiers(("Şube Adı", "A")),
    "EIN-13": drop("//gl-bus:organizationAddress"),
    "EIN-14": drop("//gl-bus:organizationBuildingNumber"),
    "EIN-15": drop("//gl-bus:organizationAddressStreet"),
    "EIN-16": drop("//gl-bus:organizationAddressCity"),
    "EIN-17": drop("//gl-bus:organizationAddressZipOrPostalCode"),
    "EIN-18": drop("//gl-bus:organizationAddressCountry"),
    "EIN-19": drop("//gl-bus:entityWebSite"),
    "EIN-20": put("//gl-bus:businessDescription", ""),
    "EIN-21": drop("//gl-bus:fiscalYearStart"),
    "EIN-22": drop("//gl-bus:fiscalYearEnd"),
    "EIN-23": put("//gl-bus:fiscalYearEnd", "2026-01-01"),
    "EIN-24": drop("//gl-bus:accountantInformation"),
    "EIN-25": put("//gl-bus:accountantName", " "),
    "EIN-26": drop("//gl-bus:accountantEngagementTypeDescription"),
    "EIN-27": put("//gl-bus:phoneNumber", ""),
    "EIN-28": drop("//gl-bus:entityEmailAddress"),
    "EIN-29": drop("//gl-bus:webSiteURL"),
    # entries of journals and inventory books
    "HDR-03": drop(f"{HDR}/gl-cor:enteredBy"),
    "HDR-04": put(f"{HDR}/gl-cor:enteredBy", " M "),
    "HDR-05": drop(f"{HDR}/gl-cor:enteredDate"),
    "HDR-06": put(f"{LAST}/gl-cor:enteredDate", "2026-01-31T10:00:00"),
    "HDR-07": drop(f"{HDR}/gl-bus:totalDebit"),
    "HDR-08": drop(f"{HDR}/gl-bus:totalCredit"),
    "HDR-09": drop(f"{LAST}/gl-cor:entryNumberCounter"),
    "HDR-10": drop(f"{LAST}/gl-cor:entryDetail"),
    "HDR-11": put(f"{LAST}/gl-bus:totalDebit", "30.5"),
    "HDR-12": put(f"{LAST}/gl-bus:totalDebit", "30.51"),
    "HDR-13": put(f"{LAST}/gl-bus:totalCredit", "30.51"),
    "HDR-14": put(f"{LAST}/gl-bus:totalDebit", "+30.50"),
    "HDR-15": put(f"{LAST}/gl-bus:totalCredit", "30.500"),
    # lines
    "DET-01": drop(f"{FIRST_LINE}/gl-cor:lineNumber"),
    "DET-02": put(f"{FIRST_LINE}/gl-cor:lineNumber", "17"),
    "DET-03": drop(f"{FIRST_LINE}/gl-cor:lineNumberCounter"),
    "DET-04": put(f"{FIRST_LINE}/gl-cor:lineNumberCounter", "1.0"),
    "DET-05": drop(f"{FIRST_LINE}/gl-cor:account"),
    "DET-06": put(f"{FIRST_LINE}//gl-cor:accountMainID", "10"),
    "DET-07": drop(f"{FIRST_LINE}//gl-cor:accountMainDescription"),
    "DET-08": drop(f"{FIRST_LINE}//gl-cor:accountSubID"),
    "DET-09": drop(f"{FIRST_LINE}//gl-cor:accountSubDescription"),
    "DET-10": put(f"{FIRST_LINE}//gl-cor:accountSubID", "999.01"),
    "DET-11": drop(f"{FIRST_LINE}/gl-cor:amount"),
    "DET-12": put(f"{FIRST_LINE}/gl-cor:amount", "0.00"),
    "DET-13": drop("//gl-muc:defaultCurrency"),
    "DET-14": after(
        f"{FIRST_LINE}/gl-cor:amount",
        '<gl-muc:amountOriginalAmount @C decimals="INF" unitRef="try">1.00'
        "</gl-muc:amountOriginalAmount>",
    ),
    "DET-15": after(
        f"{FIRST_LINE}/gl-cor:amount",
        '<gl-muc:amountOriginalAmount @C decimals="INF" unitRef="try">1.00'
        "</gl-muc:amountOriginalAmount>",
    ),
    "DET-16": after(
        f"{FIRST_LINE}/gl-cor:amount",
        "<gl-muc:amountOriginalCurrency @C>iso4217:USD</gl-muc:amountOriginalCurrency>",
    ),
    "DET-17": drop(f"{FIRST_LINE}/gl-cor:debitCreditCode"),
    "DET-18": drop(f"{FIRST_LINE}/gl-cor:postingDate"),
    "DET-19": put(f"{FIRST_LINE}/gl-cor:postingDate", "2026-02-02"),
    "DET-20": put(f"{FIRST_LINE}/gl-cor:documentType", "other"),
    "DET-21": both(
        put(f"{FIRST_LINE}/gl-cor:documentType", "other"),
        drop(f"{FIRST_LINE}/gl-cor:documentDate"),
    ),
    "DET-22": drop(f"{FIRST_LINE}/gl-cor:documentDate"),
    "DET-23": both(
        put(f"{FIRST_LINE}/gl-cor:documentType", "check"),
        put(f"{FIRST_LINE}/gl-cor:documentNumber", " "),
    ),
    "DET-24": drop(f"{FIRST_LINE}/gl-cor:documentType"),
    "DET-25": drop(f"{FIRST_LINE}/gl-cor:documentType"),
    "DET-26": put(f"{FIRST_LINE}/gl-cor:documentReference", "F000009"),
    "DET-27": put(f"{FIRST_LINE}/gl-bus:paymentMethod", " "),
    "DET-28": both(FUND, FUND),
    "DET-29": put(f"{FIRST_LINE}/gl-cor:amount", "120.001"),
    "DET-30": drop("//gl-cor:xbrlInclude"),
    "DET-31": drop(f"{FIRST_LINE}/gl-cor:documentApplyToNumber"),
    "DET-32": put(f"{FIRST_LINE}/gl-cor:documentApplyToNumber", " 1"),
    "DET-33": put(f"{FIRST_LINE}//gl-cor:accountMainID", "600"),
    "DET-34": drop(FIRST_LINE),
    "DET-35": drop(f"({DET})[2]"),
    "MSR-01": _fund(measurableCode=None),
    "MSR-02": _fund(measurableCodeDescription=None),
    "MSR-03": _fund(measurableQuantity=None),
    "MSR-04": _fund(measurableQualifier=None),
    "MSR-05": _fund(measurableUnitOfMeasure=None),
    "MSR-06": _fund(measurableCostPerUnit=None),
    "MSR-07": _fund(measurableCode="FA"),
    "MSR-08": _fund(measurableCodeDescription="Maddi olmayan kalemler"),
    "MSR-09": _fund(measurableQualifier="FON"),
    "MSR-10": _fund(measurableUnitOfMeasure="adet"),
    "MSR-11": _fund(measurableCostPerUnit="60.01"),
    "BIN-01": _attachment('mimeCode="text/plain" filename="a.pdf"'),
    "BIN-02": _attachment('mimeCode="application/pdf" filename="a.PDF"'),
    "BIN-03": _attachment('mimeCode="application/pdf" filename="a.pdf"', " "),
}

_GOODS_CODE = "<gl-bus:measurableCodeDescription @C>x</gl-bus:measurableCodeDescription>"
_TAX = {
    f"HDR-{number:02d}": drop(
        f"{DET}[gl-cor:account/gl-cor:accountMainID='{account}'"
        f" and gl-cor:debitCreditCode='{side}']"
    )
    for number, (account, side) in enumerate(
        ((account, side) for account in (391, 191, 600, 601, 602) for side in "DC"), start=4
    )
}
SPECIAL: dict[tuple[str, str], Change] = {
    ("B", "CTX-01"): into(
        "//xbrli:segment", f"<gl-bus:numberOfEntries @C {_NUMBER}>1</gl-bus:numberOfEntries>"
    ),
    ("R", "CTX-01"): into(
        "//xbrli:segment", f"<gl-bus:numberOfEntries @C {_NUMBER}>1</gl-bus:numberOfEntries>"
    ),
    ("B", "CTX-02"): drop("//gl-bus:numberOfEntries"),
    ("EB", "CTX-02"): drop("//gl-bus:numberOfEntries"),
    ("B", "DOC-01"): drop("/*/ds:SignatureValue"),
    ("EB", "DOC-01"): drop("/*/ds:SignatureValue"),
    ("Y", "AEN-03"): drop(HDR),
    ("E", "AEN-03"): drop(HDR),
    ("K", "AEN-03"): put(f"({HDR})[1]//gl-cor:accountMainID", "999"),
    ("K", "AEN-04"): both(drop("//gl-cor:accountSub"), twice(HDR)),
    ("K", "AEN-05"): twice(HDR),
    ("B", "AEN-03"): twice(HDR),
    ("R", "AEN-03"): twice(HDR),
    ("B", "AEN-04"): into(
        "//xbrli:segment",
        "<gl-cor:identifierAuthorityCode @C>VERGI_DETAYSIZ</gl-cor:identifierAuthorityCode>",
    ),
    ("EB", "AEN-03"): into("//gl-cor:accountingEntries", "<gl-cor:entryHeader/>"),
    ("B", "INF-02a"): _second_info("ledger"),
    ("B", "INF-02b"): _second_info("journal"),
    ("EB", "INF-09"): put("//gl-cor:periodCoveredEnd", "2026-01-02"),
    ("Y", "HDR-01"): put(f"{LAST}/gl-cor:entryNumberCounter", "3"),
    ("E", "HDR-01"): put(f"{LAST}/gl-cor:entryNumberCounter", "3"),
    ("Y", "HDR-02"): put(f"{LAST}/gl-cor:enteredDate", "2026-01-01"),
    ("E", "HDR-02"): put(f"({HDR})[1]/gl-cor:enteredDate", "2026-01-02"),
    ("Y", "HDR-10"): drop(f"({DET})[last()]"),
    ("K", "HDR-01"): drop(f"{HDR}/gl-bus:totalDebit"),
    ("K", "HDR-02"): drop(f"{HDR}/gl-bus:totalCredit"),
    ("K", "HDR-03"): drop(f"{LAST}/gl-cor:entryDetail"),
    ("K", "HDR-04"): put(f"{LAST}/gl-bus:totalDebit", "-1.00"),
    ("K", "HDR-05"): put(f"{LAST}/gl-bus:totalCredit", "-1.00"),
    ("K", "HDR-06"): both(
        put(f"{LAST}/gl-bus:totalDebit", "1.00"), put(f"{LAST}/gl-bus:totalCredit", "121.00")
    ),
    ("K", "HDR-07"): put(f"{LAST}/gl-bus:totalCredit", "120.01"),
    ("K", "HDR-08"): put(f"{FIRST_LINE}//gl-cor:accountMainID", "101"),
    ("K", "HDR-09"): put(f"{FIRST_LINE}//gl-cor:accountSubID", "100.02"),
    ("K", "HDR-10"): put(f"{LAST}/gl-bus:totalDebit", "0.000"),
    ("K", "HDR-11"): put(f"{LAST}/gl-bus:totalCredit", "120.000"),
    ("B", "HDR-01"): drop("//gl-cor:qualifierEntry"),
    ("R", "HDR-01"): drop("//gl-cor:qualifierEntry"),
    ("B", "HDR-02"): put("//gl-cor:qualifierEntry", "other"),
    ("R", "HDR-02"): put("//gl-cor:qualifierEntry", "other"),
    ("B", "HDR-03"): drop(FIRST_LINE),
    ("R", "HDR-03"): drop(FIRST_LINE),
    ("R", "HDR-04"): drop(f"({DET})[2]"),
    ("B", "DET-02"): put(f"({DET})[2]/gl-cor:lineNumber", "5"),
    ("R", "DET-02"): put(f"({DET})[2]/gl-cor:lineNumber", "7"),
    ("B", "DET-03"): put(f"{FIRST_LINE}/gl-cor:lineNumber", "2"),
    ("R", "DET-03"): put(f"{FIRST_LINE}/gl-cor:lineNumber", "2"),
    ("K", "DET-04"): put(f"({DET})[2]/gl-cor:lineNumberCounter", "0"),
    ("B", "DET-04"): put("//gl-cor:xbrlInclude", "ending_balance"),
    ("R", "DET-04"): put("//gl-cor:xbrlInclude", "ending_balance"),
    ("B", "DET-12"): put(f"{FIRST_LINE}/gl-cor:amount", "-1.00"),
    ("R", "DET-12"): put(f"{FIRST_LINE}/gl-cor:amount", "-1.00"),
    ("E", "MSR-01"): _goods("<gl-bus:measurableID @C>iso4217:XYZ</gl-bus:measurableID>"),
    ("E", "MSR-02"): _goods("<gl-bus:measurableDescription @C>x</gl-bus:measurableDescription>"),
    ("E", "MSR-03"): _goods(_GOODS_CODE),
    ("E", "MSR-04"): _goods(_GOODS_CODE),
    ("E", "DET-28"): both(_goods(""), _goods("")),
    **{("B", name): change for name, change in _TAX.items()},
}
DEAD = {"MEA-02"}
"""Can never fire: a measure has one parent (rules.md §4)."""


def spoiler(family: str, name: str) -> Change:
    """The change that breaks a rule.

    Raises:
        KeyError: nobody wrote one.
    """
    return SPECIAL.get((family, name)) or COMMON[name]


def kind_for(family: str, name: str) -> Kind:
    """The kind of document to spoil."""
    if family == "B":
        return Kind.KB if name in KEBIR_BERAT else Kind.YB
    return KIND[family]
