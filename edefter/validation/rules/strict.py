"""The strict layer over entries and lines: what is evidently meant (rules.md §5)."""

from __future__ import annotations

import re
from datetime import date

from edefter.validation.records import Document, Header
from edefter.validation.rule import Context, Predicate, Table
from edefter.validation.rules.measurables import UNIT_CODES
from edefter.validation.xpath import Value, each, ns

TABLE = Table()
DOCUMENT_TYPES = frozenset(
    [
        "check",
        "invoice",
        "order-customer",
        "order-vendor",
        "voucher",
        "shipment",
        "receipt",
        "other",
    ]
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONEY = re.compile(r"[0-9]+\.[0-9]{2}")

_VOUCHER = (
    "Fişi muhasebe programında düzeltip defteri yeniden oluşturun.",
    "Correct the voucher in the accounting program and build the ledger again.",
)
_REBUILD = (
    "Belgeyi e-Defter yazılımıyla yeniden oluşturun.",
    "Build the document again with the e-Defter software.",
)
_SEQUENCE = (
    "Numaraları boşluk ve tekrar olmadan, sırayla verip defteri yeniden oluşturun.",
    "Number without gaps or repeats and build the ledger again.",
)


def _str(
    families: str,
    rule_id: str,
    context: Context,
    field: str,
    texts: tuple[str, str],
    holds: Predicate,
    fix: tuple[str, str] = _VOUCHER,
) -> None:
    TABLE.strict(families, rule_id, field, (*texts, *fix), holds, context=context)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _follows(value: Value, previous: Value) -> bool:
    if value is None:
        return True
    if not isinstance(value, str) or not _digits(value):
        return False
    if not isinstance(previous, str) or not _digits(previous):
        return True
    return int(value) == int(previous) + 1


def is_plain_date(text: str) -> bool:
    """Whether a text is a real day written `yyyy-mm-dd` and nothing else."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _plain_dates(*fields: str) -> Predicate:
    def holds(record: object, _: Document) -> bool:
        for name in fields:
            value = getattr(record, name)
            if value is not None and not all(is_plain_date(text) for text in each(value)):
                return False
        return True

    return holds


def _plain_money(*fields: str) -> Predicate:
    def holds(record: object, _: Document) -> bool:
        for name in fields:
            value = getattr(record, name)
            if value is not None and not all(_MONEY.fullmatch(text) for text in each(value)):
                return False
        return True

    return holds


# Y: sequences -------------------------------------------------------------------------------
_str(
    "Y",
    "Y-STR-01",
    Context.HEADER,
    "counter",
    (
        "madde numarası “{counter}”, önceki madde “{previous_counter}”; her madde bir artmalı",
        "entry number “{counter}” after “{previous_counter}”; each entry is the previous plus one",
    ),
    lambda header, _: _follows(header.counter, header.previous_counter),
    _SEQUENCE,
)
_str(
    "Y",
    "Y-STR-02",
    Context.HEADER,
    "entered_date",
    (
        "kayıt tarihi {entered_date}, önceki maddenin tarihi {previous_date}; tarih geri gidemez",
        "entry date {entered_date} after {previous_date}; dates must not go back",
    ),
    lambda header, _: _not_before(header),
    (
        "Fişleri tarih sırasına koyup madde numaralarını yeniden vererek defteri oluşturun.",
        "Put the vouchers in date order, number the entries again and build the ledger.",
    ),
)
_str(
    "Y",
    "Y-STR-03",
    Context.DETAIL,
    "line_number",
    (
        "satır numarası “{line_number}”, önceki satır “{previous_line}”; her satır bir artmalı",
        "line number “{line_number}” after “{previous_line}”; each line is the previous plus one",
    ),
    lambda detail, _: _follows(detail.line_number, detail.previous_line),
    _SEQUENCE,
)


def _not_before(header: Header) -> bool:
    days = each(header.entered_date)
    earlier = each(header.previous_date)
    return not days or not earlier or min(days) >= max(earlier)


# Y and K: lines -----------------------------------------------------------------------------
_str(
    "Y K",
    "YK-STR-05",
    Context.DETAIL,
    "main",
    (
        "ana hesap kodu “{main}”; yazılmalı ve yalnız rakam olmalı",
        "main account code is “{main}”; it must be there and be digits",
    ),
    lambda detail, _: detail.main is not None and all(_digits(item) for item in each(detail.main)),
    (
        "Hesap planındaki ana hesap kodunu düzeltip defteri yeniden oluşturun.",
        "Correct the main account in the chart of accounts and build the ledger again.",
    ),
)
_str(
    "Y K",
    "YK-STR-06",
    Context.DETAIL,
    "gl-cor:account",
    (
        "satırda {account_count} hesap ve {sub_count} alt hesap var; 1 hesap ve en çok 1 alt hesap "
        "olmalı",
        "the line has {account_count} accounts and {sub_count} sub-accounts; it must have one "
        "account and at most one sub-account",
    ),
    lambda detail, _: detail.account_count == 1 and detail.sub_count <= 1,
)
_str(
    "Y K",
    "YK-STR-07",
    Context.DETAIL,
    "dc",
    (
        "borç/alacak göstergesi “{dc}”; D (borç) ya da C (alacak) olmalı",
        "debitCreditCode is “{dc}”; it must be D or C",
    ),
    lambda detail, _: detail.dc is None or detail.dc in ("D", "C"),
)
_PLAIN_DATE = (
    "tarih yyyy-aa-gg biçiminde, saatsiz ve boşluksuz gerçek bir gün olmalı",
    "a date must be a real day written yyyy-mm-dd without time, zone or blanks",
)
for _context, _fields in (
    (Context.HEADER, ("entered_date",)),
    (Context.DETAIL, ("posting_date", "document_date", "original_rate_date")),
    (Context.INFO, ("creation_date", "start", "end")),
    (Context.ENTITY_INFO, ("fiscal_start", "fiscal_end")),
):
    _str(
        "Y K",
        "YK-STR-08",
        _context,
        _fields[0],
        (
            f"{_PLAIN_DATE[0]} ({', '.join(f'“{{{name}}}”' for name in _fields)})",
            f"{_PLAIN_DATE[1]} ({', '.join(f'“{{{name}}}”' for name in _fields)})",
        ),
        _plain_dates(*_fields),
    )
for _context, _fields in (
    (Context.HEADER, ("total_debit", "total_credit")),
    (Context.DETAIL, ("amount",)),
):
    _str(
        "Y K",
        "YK-STR-09",
        _context,
        _fields[0],
        (
            f"tutar tam 2 ondalıkla, noktayla yazılmalı ("
            f"{', '.join(f'“{{{name}}}”' for name in _fields)})",
            f"money is written with a dot and exactly 2 decimals ("
            f"{', '.join(f'“{{{name}}}”' for name in _fields)})",
        ),
        _plain_money(*_fields),
        _REBUILD,
    )
_str(
    "Y K",
    "YK-STR-10",
    Context.DETAIL,
    "document_type",
    (
        "belge türü “{document_type}” GİB'in sekiz türünden biri değil; belge yoksa hiç yazılmaz",
        "document type “{document_type}” is none of GİB's eight; leave it out without a document",
    ),
    lambda detail, _: (
        detail.document_type is None
        or all(item in DOCUMENT_TYPES for item in each(detail.document_type))
    ),
)
_str(
    "K",
    "K-STR-15",
    Context.HEADER,
    "sub",
    (
        "alt hesap {account_text}, aynı ana hesabın {previous_text} alt hesabından sonra geliyor; "
        "alt hesaplar sıralı olmalı",
        "sub-account {account_text} comes after {previous_text} of the same main account; "
        "sub-accounts must be in order",
    ),
    lambda header, _: (
        header.previous_account is None
        or header.account is None
        or header.account[0] != header.previous_account[0]
        or header.account[1] >= header.previous_account[1]
    ),
    (
        "Büyük defteri hesap koduna göre sıralı olarak yeniden oluşturun.",
        "Build the kebir again, sorted by account code.",
    ),
)
# Named by the guide (format.md §3.5), besides those of the official rule file.
_GUIDE_UNITS = frozenset(
    [
        *("B32", "C62", "CCT", "PR", "D30", "D40", "GFI", "GRM", "GT", "CEN", "KPO", "MND"),
        *("3I", "KFO", "KGM", "KHY", "KMA", "KNI", "KPH", "KSD", "KSH", "KUR", "D32", "GWH"),
        *("MWH", "KWH", "KWT", "LPA", "LTR"),
    ]
)
_str(
    "E",
    "E-STR-20",
    Context.MEASURABLE,
    "unit",
    (
        "ölçü birimi “{unit}” yayımlanan kodlardan biri değil",
        "unit of measure “{unit}” is none of the published codes",
    ),
    lambda measurable, _: all(
        ns(text) in UNIT_CODES or ns(text) in _GUIDE_UNITS for text in each(measurable.unit)
    ),
    (
        "Envanter kaleminin ölçü birimini kılavuzdaki koda çevirip defteri yeniden oluşturun.",
        "Map the item's unit of measure to a code of the guide and build the ledger again.",
    ),
)
_str(
    "E",
    "E-STR-20",
    Context.MEASURABLE,
    "quantity",
    (
        "miktarın birimi (unitRef) “{quantity_unit}”; countable olmalı",
        "unitRef of the quantity is “{quantity_unit}”; it must be countable",
    ),
    lambda measurable, _: all(text == "countable" for text in each(measurable.quantity_unit)),
    _REBUILD,
)
