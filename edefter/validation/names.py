"""Namespaces, element names and the fields that the rules read from them."""

from __future__ import annotations

from edefter.model.documents import Kind

EDEFTER = "http://www.edefter.gov.tr"
EK = "http://www.edefter.gov.tr/ek"
DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
XBRLI = "http://www.xbrl.org/2003/instance"
COR = "http://www.xbrl.org/int/gl/cor/2006-10-25"
BUS = "http://www.xbrl.org/int/gl/bus/2006-10-25"
MUC = "http://www.xbrl.org/int/gl/muc/2006-10-25"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

PREFIXES = {
    EDEFTER: "edefter",
    EK: "defterek",
    DS: "ds",
    XADES: "xades",
    XBRLI: "xbrli",
    COR: "gl-cor",
    BUS: "gl-bus",
    MUC: "gl-muc",
}
URIS = {prefix: uri for uri, prefix in PREFIXES.items()}


def clark(name: str) -> str:
    """`gl-cor:amount` → `{uri}amount`; a name without prefix stays as it is."""
    prefix, colon, local = name.partition(":")
    return f"{{{URIS[prefix]}}}{local}" if colon else name


def readable(tag: str) -> str:
    """`{uri}amount` → `gl-cor:amount`; an unknown namespace is left out."""
    if not tag.startswith("{"):
        return tag
    uri, _, local = tag[1:].partition("}")
    prefix = PREFIXES.get(uri)
    return f"{prefix}:{local}" if prefix else local


def _slots(**names: str) -> dict[str, str]:
    return {clark(name): attribute for attribute, name in names.items()}


XBRL = clark("xbrli:xbrl")
ENTRIES = clark("gl-cor:accountingEntries")
HEADER = clark("gl-cor:entryHeader")
DETAIL = clark("gl-cor:entryDetail")
ACCOUNT = clark("gl-cor:account")
ACCOUNT_SUB = clark("gl-cor:accountSub")
MEASURABLE = clark("gl-bus:measurable")
XBRL_INFO = clark("gl-cor:xbrlInfo")
LINE_NUMBER = clark("gl-cor:lineNumber")
QUANTITY = clark("gl-bus:measurableQuantity")
ATTACHMENT = clark("defterek:binaryObject")
COUNTER = clark("gl-cor:entryNumberCounter")

HEADER_SLOTS = _slots(
    entered_by="gl-cor:enteredBy",
    entered_date="gl-cor:enteredDate",
    entry_number="gl-cor:entryNumber",
    qualifier="gl-cor:qualifierEntry",
    batch_id="gl-bus:batchID",
    total_debit="gl-bus:totalDebit",
    total_credit="gl-bus:totalCredit",
    counter="gl-cor:entryNumberCounter",
)
DETAIL_SLOTS = _slots(
    line_number="gl-cor:lineNumber",
    line_counter="gl-cor:lineNumberCounter",
    amount="gl-cor:amount",
    amount_currency="gl-muc:amountCurrency",
    original_rate_date="gl-muc:amountOriginalExchangeRateDate",
    original_amount="gl-muc:amountOriginalAmount",
    original_currency="gl-muc:amountOriginalCurrency",
    original_rate="gl-muc:amountOriginalExchangeRate",
    dc="gl-cor:debitCreditCode",
    posting_date="gl-cor:postingDate",
    document_type="gl-cor:documentType",
    document_type_description="gl-cor:documentTypeDescription",
    document_number="gl-cor:documentNumber",
    apply_to_number="gl-cor:documentApplyToNumber",
    document_reference="gl-cor:documentReference",
    document_date="gl-cor:documentDate",
    payment_method="gl-bus:paymentMethod",
)
ACCOUNT_SLOTS = _slots(
    main="gl-cor:accountMainID", main_description="gl-cor:accountMainDescription"
)
SUB_SLOTS = _slots(sub="gl-cor:accountSubID", sub_description="gl-cor:accountSubDescription")
MEASURABLE_SLOTS = {
    **_slots(
        code="gl-bus:measurableCode",
        code_description="gl-bus:measurableCodeDescription",
        item_id="gl-bus:measurableID",
        description="gl-bus:measurableDescription",
        quantity="gl-bus:measurableQuantity",
        qualifier="gl-bus:measurableQualifier",
        unit="gl-bus:measurableUnitOfMeasure",
        unit_cost="gl-bus:measurableCostPerUnit",
    ),
    # The official file has this misprint for gl-bus:measurableQuantity (E-MSR-03).
    "gl-bus_measurableQuantity": "misprinted_quantity",
}
INFO_SLOTS = _slots(
    entries_type="gl-cor:entriesType",
    unique_id="gl-cor:uniqueID",
    creation_date="gl-cor:creationDate",
    start="gl-cor:periodCoveredStart",
    end="gl-cor:periodCoveredEnd",
    source_application="gl-bus:sourceApplication",
    default_currency="gl-muc:defaultCurrency",
)
SEGMENT_SLOTS = _slots(
    number_of_entries="gl-bus:numberOfEntries",
    unique_id="gl-cor:uniqueID",
    quantity="gl-bus:measurableQuantity",
    authority_code="gl-cor:identifierAuthorityCode",
)
ENTITY_INFO_SLOTS = _slots(
    business_description="gl-bus:businessDescription",
    fiscal_start="gl-bus:fiscalYearStart",
    fiscal_end="gl-bus:fiscalYearEnd",
)

FIELDS: dict[str, str] = {
    attribute: readable(tag)
    for slots in (
        SUB_SLOTS,
        ACCOUNT_SLOTS,
        MEASURABLE_SLOTS,
        SEGMENT_SLOTS,
        ENTITY_INFO_SLOTS,
        INFO_SLOTS,
        DETAIL_SLOTS,
        HEADER_SLOTS,
    )
    for tag, attribute in slots.items()
}
"""Readable element name of a record's attribute, for findings."""

ROOTS = {
    Kind.Y: clark("edefter:defter"),
    Kind.K: clark("edefter:defter"),
    Kind.E: clark("edefter:defter"),
    Kind.YB: clark("edefter:berat"),
    Kind.KB: clark("edefter:berat"),
    Kind.EB: clark("edefter:berat"),
    Kind.DR: clark("edefter:defterraporu"),
}
FAMILIES = {
    Kind.Y: "Y",
    Kind.K: "K",
    Kind.YB: "B",
    Kind.KB: "B",
    Kind.DR: "R",
    Kind.E: "E",
    Kind.EB: "EB",
}
