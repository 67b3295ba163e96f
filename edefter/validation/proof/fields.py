"""The elements of an entry that the fast path knows, in the order of the schema (format.md §3).

Any other element, another order, or an empty one sends its entry to the parser.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from edefter.validation.names import (
    ACCOUNT_SLOTS,
    DETAIL_SLOTS,
    HEADER_SLOTS,
    SUB_SLOTS,
    readable,
)


class Content(Enum):
    """What an element's text looks like when the schema accepts it without further question."""

    TEXT = "text"  # begins with a character that is no blank
    FREE = "free"  # any text, also none; no rule reads it
    DATE = "date"
    MONEY = "money"  # unsigned, two decimals
    NUMBER = "number"  # positive integer without leading zero
    DECIMAL = "decimal"  # unsigned
    CODE = "code"  # letters, digits, hyphen, colon; the caller checks the distinct values
    SIDE = "side"  # D or C


@dataclass(frozen=True, slots=True)
class Leaf:
    """One element with text.

    Args:
        name: readable name, `gl-cor:amount`.
        content: what its text may be.
        slot: attribute of the record it fills; empty = no rule reads it.
        numeric: whether the schema demands unitRef.
        required: without it the entry goes to the parser.
    """

    name: str
    content: Content
    slot: str = ""
    numeric: bool = False
    required: bool = False


def _leaf(
    name: str, content: Content, *, required: bool = False, numeric: bool | None = None
) -> Leaf:
    if numeric is None:
        numeric = content in (Content.MONEY, Content.NUMBER, Content.DECIMAL)
    return Leaf(name, content, _SLOTS.get(name, ""), numeric, required)


_SLOTS = {
    readable(tag): slot
    for slots in (HEADER_SLOTS, DETAIL_SLOTS, ACCOUNT_SLOTS, SUB_SLOTS)
    for tag, slot in slots.items()
}

YEVMIYE_HEAD = (
    _leaf("gl-cor:enteredBy", Content.TEXT, required=True),
    _leaf("gl-cor:enteredDate", Content.DATE, required=True),
    _leaf("gl-cor:entryNumber", Content.TEXT),
    _leaf("gl-cor:entryComment", Content.FREE),
    _leaf("gl-bus:batchID", Content.TEXT),
    _leaf("gl-bus:batchDescription", Content.FREE),
    _leaf("gl-bus:totalDebit", Content.MONEY, required=True),
    _leaf("gl-bus:totalCredit", Content.MONEY, required=True),
    _leaf("gl-cor:entryNumberCounter", Content.NUMBER, required=True),
)
KEBIR_HEAD = (
    _leaf("gl-bus:batchID", Content.TEXT),
    _leaf("gl-bus:batchDescription", Content.FREE),
    _leaf("gl-bus:totalDebit", Content.MONEY, required=True),
    _leaf("gl-bus:totalCredit", Content.MONEY, required=True),
)
BEFORE_ACCOUNT = (
    _leaf("gl-cor:lineNumber", Content.NUMBER, required=True, numeric=False),
    _leaf("gl-cor:lineNumberCounter", Content.NUMBER, required=True),
)
MAIN_ACCOUNT = (
    _leaf("gl-cor:accountMainID", Content.TEXT, required=True),
    _leaf("gl-cor:accountMainDescription", Content.TEXT, required=True),
)
SUB_ACCOUNT = (
    _leaf("gl-cor:accountSubDescription", Content.TEXT, required=True),
    _leaf("gl-cor:accountSubID", Content.TEXT, required=True),
)
AFTER_ACCOUNT = (
    _leaf("gl-cor:amount", Content.MONEY, required=True),
    _leaf("gl-muc:amountCurrency", Content.CODE),
    _leaf("gl-muc:amountOriginalExchangeRateDate", Content.DATE),
    _leaf("gl-muc:amountOriginalAmount", Content.DECIMAL),
    _leaf("gl-muc:amountOriginalCurrency", Content.CODE),
    _leaf("gl-muc:amountOriginalExchangeRate", Content.DECIMAL),
    _leaf("gl-muc:amountOriginalExchangeRateSource", Content.FREE),
    _leaf("gl-muc:amountOriginalExchangeRateComment", Content.FREE),
    _leaf("gl-cor:debitCreditCode", Content.SIDE, required=True),
    _leaf("gl-cor:postingDate", Content.DATE, required=True),
    _leaf("gl-cor:documentType", Content.CODE),
    _leaf("gl-cor:documentTypeDescription", Content.TEXT),
    _leaf("gl-cor:documentNumber", Content.TEXT),
    _leaf("gl-cor:documentReference", Content.TEXT),
    _leaf("gl-cor:documentDate", Content.DATE),
    _leaf("gl-bus:paymentMethod", Content.TEXT),
    _leaf("gl-cor:detailComment", Content.FREE),
)
LINE = (*BEFORE_ACCOUNT, *MAIN_ACCOUNT, *SUB_ACCOUNT, *AFTER_ACCOUNT)
CONTAINERS = ("gl-cor:entryHeader", "gl-cor:entryDetail", "gl-cor:account", "gl-cor:accountSub")
LEAVES = {leaf.name: leaf for group in (YEVMIYE_HEAD, KEBIR_HEAD, LINE) for leaf in group}

HEAD_GROUPS = tuple(leaf.slot or leaf.name for leaf in YEVMIYE_HEAD)
KEBIR_GROUPS = tuple(leaf.slot or leaf.name for leaf in KEBIR_HEAD)
LINE_GROUPS = tuple(leaf.slot or leaf.name for leaf in LINE)
"""What the groups of a match hold: the field of a record, or the name of a text no rule reads."""
DOCUMENT_TYPES = frozenset(
    (
        "check",
        "debit-memo",
        "credit-memo",
        "finance-charge",
        "invoice",
        "order-customer",
        "order-vendor",
        "payment-other",
        "reminder",
        "tegata",
        "voucher",
        "shipment",
        "receipt",
        "manual-adjustment",
        "other",
    )
)
"""What the schema admits as documentType (format.md §4)."""
