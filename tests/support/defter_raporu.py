"""A small defter raporu (DR), written by hand: edefter judges and signs one, but makes none."""

from __future__ import annotations

from lxml import etree

from tests.support.signed_documents import AWKWARD, VKN

_HEAD = (
    '<?xml-stylesheet type="text/xsl" href="defterraporu.xslt"?>\n'
    '<edefter:defterraporu xmlns:edefter="http://www.edefter.gov.tr"'
    ' xmlns:xades="http://uri.etsi.org/01903/v1.3.2#"'
    ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://www.edefter.gov.tr ../xsd/edefter.xsd">'
    '<xbrli:xbrl xmlns:xbrli="http://www.xbrl.org/2003/instance"'
    ' xmlns:iso639="http://www.xbrl.org/2005/iso639" xmlns:link="http://www.xbrl.org/2003/linkbase"'
    ' xmlns:gl-bus="http://www.xbrl.org/int/gl/bus/2006-10-25"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:gl-cor="http://www.xbrl.org/int/gl/cor/2006-10-25"'
    ' xmlns:gl-muc="http://www.xbrl.org/int/gl/muc/2006-10-25"'
    ' xmlns:gl-plt="http://www.xbrl.org/int/gl/plt/2006-10-25"'
    ' xmlns:iso4217="http://www.xbrl.org/2003/iso4217"><link:schemaRef xlink:type="simple"'
    ' xlink:href="../xsd/2006-10-25/plt/case-c-b/gl-plt-2006-10-25.xsd"/>'
    '<xbrli:context id="now"><xbrli:entity><xbrli:identifier scheme="http://www.gib.gov.tr">'
    f"{VKN}</xbrli:identifier><xbrli:segment><gl-cor:uniqueID contextRef=\"now\">"
    "bb6ed496-7812-4757-a602-8690688347c3</gl-cor:uniqueID></xbrli:segment></xbrli:entity>"
    "<xbrli:period><xbrli:instant>2026-02-15</xbrli:instant></xbrli:period></xbrli:context>"
    '<xbrli:unit id="try"><xbrli:measure>iso4217:TRY</xbrli:measure></xbrli:unit>'
    '<xbrli:unit id="countable"><xbrli:measure>xbrli:pure</xbrli:measure></xbrli:unit>'
    "<gl-cor:accountingEntries>"
)  # fmt: skip
_TAIL = "</gl-cor:accountingEntries></xbrli:xbrl></edefter:defterraporu>"


_MONEY = ' decimals="INF" unitRef="try"'


def _fact(name: str, value: str, more: str = "") -> str:
    return f'<{name} contextRef="now"{more}>{value}</{name}>'


def _nested(value: str, *names: str) -> str:
    """A value in its last element, that in the ones before it."""
    text = _fact(names[-1], value)
    for name in reversed(names[:-1]):
        text = f"<{name}>{text}</{name}>"
    return text


def _line(number: int, side: str, amount: str) -> str:
    account = "<gl-cor:account>{}{}</gl-cor:account>".format(
        _fact("gl-cor:accountMainID", "102"), _fact("gl-cor:accountMainDescription", AWKWARD)
    )
    return (
        f"<gl-cor:entryDetail>{_fact('gl-cor:lineNumber', str(number))}{account}"
        f"{_fact('gl-cor:amount', amount, _MONEY)}"
        f"{_fact('gl-cor:debitCreditCode', side)}{_fact('gl-cor:documentApplyToNumber', '2')}"
        f"{_nested('period_change', 'gl-cor:xbrlInfo', 'gl-cor:xbrlInclude')}</gl-cor:entryDetail>"
    )


def report_bytes() -> bytes:
    """A canonical, unsigned DR that the schema and GİB's rules accept once it is signed."""
    document = "".join(
        (
            _fact("gl-cor:entriesType", "trialbalance"),
            _fact("gl-cor:uniqueID", "KEB202601000001"),
            _fact("gl-cor:language", "iso639:tr"),
            _fact("gl-cor:creationDate", "2026-02-15"),
            _fact("gl-bus:creator", "Iğdır Öğüt Şişeci"),
            _fact(
                "gl-cor:entriesComment",
                "2026-01-01 - 2026-01-31 arası İğdır Şişe &amp; Cam'a ait Defter Raporu",
            ),
            _fact("gl-cor:periodCoveredStart", "2026-01-01"),
            _fact("gl-cor:periodCoveredEnd", "2026-01-31"),
            _fact("gl-bus:sourceApplication", "1111111111##Deneme Yazılım Evi##edefter##0.9"),
            _fact("gl-muc:defaultCurrency", "iso4217:TRY"),
        )
    )
    return _canonical(
        f"{_HEAD}<gl-cor:documentInfo>{document}</gl-cor:documentInfo>{_ENTITY}"
        f"<gl-cor:entryHeader>{_fact('gl-cor:qualifierEntry', 'standard')}"
        f"{_line(1, 'D', '5586.25')}{_line(2, 'C', '86.25')}</gl-cor:entryHeader>{_TAIL}"
    )


_ENTITY = "<gl-cor:entityInformation>{}</gl-cor:entityInformation>".format(
    "".join(
        (
            "<gl-bus:entityPhoneNumber>"
            + _fact("gl-bus:phoneNumberDescription", "switchboard")
            + _fact("gl-bus:phoneNumber", "3128911370")
            + "</gl-bus:entityPhoneNumber>",
            _nested("3120000000", "gl-bus:entityFaxNumberStructure", "gl-bus:entityFaxNumber"),
            _nested(
                "bilgi@ornek.invalid",
                "gl-bus:entityEmailAddressStructure", "gl-bus:entityEmailAddress",
            ),
            "<gl-bus:organizationIdentifiers>"
            + _fact("gl-bus:organizationIdentifier", "Iğdır Şişe, Cam &lt;Öz&gt; Tic. A.Ş.")
            + _fact("gl-bus:organizationDescription", "Kurum Unvanı")
            + "</gl-bus:organizationIdentifiers>",
            "<gl-bus:organizationAddress>"
            + _fact("gl-bus:organizationBuildingNumber", "53/2")
            + _fact("gl-bus:organizationAddressStreet", "Güneş Caddesi")
            + _fact("gl-bus:organizationAddressCity", "Iğdır")
            + _fact("gl-bus:organizationAddressZipOrPostalCode", "76000")
            + _fact("gl-bus:organizationAddressCountry", "Türkiye")
            + "</gl-bus:organizationAddress>",
            _nested("www.ornek.invalid", "gl-bus:entityWebSite", "gl-bus:webSiteURL"),
            _fact("gl-bus:businessDescription", "46.90.04"),
            _fact("gl-bus:fiscalYearStart", "2026-01-01"),
            _fact("gl-bus:fiscalYearEnd", "2026-12-31"),
            "<gl-bus:accountantInformation>"
            + _fact("gl-bus:accountantName", "SMMM Deneme Müşaviri")
            + _fact(
                "gl-bus:accountantEngagementTypeDescription", "SMMM sözleşmesi, 2026-01-01, M22200"
            )
            + "<gl-bus:accountantContactInformation><gl-bus:accountantContactPhone>"
            + _fact("gl-bus:accountantContactPhoneNumberDescription", "bookkeeper")
            + _fact("gl-bus:accountantContactPhoneNumber", "3120000001")
            + "</gl-bus:accountantContactPhone></gl-bus:accountantContactInformation>"
            + "</gl-bus:accountantInformation>",
        )
    )
)  # fmt: skip


def _canonical(text: str) -> bytes:
    tree = etree.ElementTree(etree.fromstring(text))
    form = etree.tostring(tree, method="c14n")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + form
