"""The strict layer: what is evidently meant and what the guides ask for (rules.md §5)."""

from __future__ import annotations

import re
from datetime import date

from edefter.model.documents import DocumentName, Kind
from edefter.model.identity import tckn_is_valid, vkn_is_valid
from edefter.validation.records import Document, EntityInfo, Header, Info
from edefter.validation.rule import Context, Predicate, Table, violated
from edefter.validation.xpath import Value, each, ns

TABLE = Table()
MAX_FILE_BYTES = 200_000_000
"""The smaller reading of the guide's 200 MB."""
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
_NACE = re.compile(r"[0-9]{2}(\.?[0-9]{2}){1,2}")
_KIND_TYPES = {Kind.YB: "journal", Kind.KB: "ledger"}

_VOUCHER = (
    "Fişi muhasebe programında düzeltip defteri yeniden oluşturun.",
    "Correct the voucher in the accounting program and build the ledger again.",
)
_REBUILD = (
    "Belgeyi e-Defter yazılımıyla yeniden oluşturun.",
    "Build the document again with the e-Defter software.",
)
_RECORD = (
    "Mükellef kaydını düzeltip belgeyi yeniden oluşturun.",
    "Correct the company's record and build the document again.",
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


# Y and K: references, units, period, branch -------------------------------------------------
def _units_fit(document: Document, _: Document) -> bool:
    for unit_id, measure in document.units.items():
        if unit_id == "countable":
            if measure != "xbrli:pure":
                return False
        elif measure != f"iso4217:{unit_id.upper()}" or unit_id != unit_id.lower():
            return False
    return "countable" in document.units and len(document.units) > 1


_str(
    "Y K",
    "YK-STR-11",
    Context.DOCUMENT,
    "xbrli:unit",
    (
        "birim kimlikleri try (başka para biriminde küçük harfli kodu) ve countable olmalı",
        "unit ids must be try (another currency: its lower-case code) and countable",
    ),
    _units_fit,
    _REBUILD,
)
_str(
    "Y K",
    "YK-STR-11",
    Context.REFERENCE,
    "contextRef",
    (
        "{attribute} “{value}” tanımlı değil ({element})",
        "{attribute} “{value}” is not defined ({element})",
    ),
    violated,
    _REBUILD,
)


def _day(value: Value) -> date | None:
    texts = each(value)
    return date.fromisoformat(texts[0]) if len(texts) == 1 and is_plain_date(texts[0]) else None


def _year_is_short(info: EntityInfo) -> bool:
    start, end = _day(info.fiscal_start), _day(info.fiscal_end)
    if start is None or end is None:
        return True  # another rule names it
    anniversary = (start.year + 1, start.month, start.day)
    return (end.year, end.month, end.day) < anniversary


def _inside_year(info: Info, document: Document) -> bool:
    first, last = _day(info.start), _day(info.end)
    for entity in document.entity_infos:
        start, end = _day(entity.fiscal_start), _day(entity.fiscal_end)
        if None in (first, last, start, end):
            continue
        if not start <= first <= last <= end:  # type: ignore[operator]
            return False
    return True


_FISCAL = (
    "Mükellef kaydındaki hesap dönemini düzeltip belgeyi yeniden oluşturun.",
    "Correct the fiscal year in the company's record and build the document again.",
)
_str(
    "Y K",
    "YK-STR-12",
    Context.ENTITY_INFO,
    "fiscal_end",
    (
        "hesap dönemi {fiscal_start} – {fiscal_end}; en çok 12 ay olabilir",
        "fiscal year {fiscal_start} – {fiscal_end} is longer than 12 months",
    ),
    lambda info, _: _year_is_short(info),
    _FISCAL,
)
_str(
    "Y K",
    "YK-STR-12",
    Context.INFO,
    "start",
    (
        "dönem {start} – {end}, hesap döneminin dışında",
        "period {start} – {end} is outside the fiscal year",
    ),
    _inside_year,
    _FISCAL,
)


def _name_branch(document: Document) -> str | None:
    try:
        return DocumentName.parse(document.name).branch
    except ValueError:
        return None


def _branch_fits(document: Document, _: Document) -> bool:
    branch = document.branch()
    return branch != "0000" and _name_branch(document) == branch


_str(
    "Y K",
    "YK-STR-13",
    Context.DOCUMENT,
    "gl-bus:organizationIdentifier",
    (
        "dosya adındaki şube ({file}) ile “Şube No” ({branch_number}) aynı olmalı; 0000 olamaz",
        "the branch in the file name ({file}) must equal “Şube No” ({branch_number}); never 0000",
    ),
    _branch_fits,
    _RECORD,
)
_str(
    "Y K",
    "YK-STR-13",
    Context.HEADER,
    "batch_id",
    (
        "maddedeki şube no (batchID) “{batch_id}”, belgedeki “Şube No” ({branch_number}) ile aynı "
        "olmalı",
        "batchID “{batch_id}” of the entry must equal “Şube No” ({branch_number})",
    ),
    lambda header, document: header.batch_id is None or header.batch_id == document.branch_number,
    _RECORD,
)
_str(
    "Y K",
    "YK-STR-22",
    Context.DOCUMENT,
    "",
    (
        "dosya {size_bytes} bayt; en çok 200.000.000 bayt olabilir",
        "the file has {size_bytes} bytes; at most 200,000,000 are allowed",
    ),
    lambda document, _: document.size_bytes <= MAX_FILE_BYTES,
    (
        "Ayı daha çok parçaya bölüp defteri yeniden oluşturun.",
        "Divide the month into more parts and build the ledger again.",
    ),
)

# B and all ----------------------------------------------------------------------------------
_str(
    "B",
    "B-STR-16",
    Context.DOCUMENT,
    "entries_type",
    (
        "doküman tipi “{types}”, dosyanın türüyle ({kind}) uyuşmuyor",
        "entriesType “{types}” does not fit the kind of the file ({kind})",
    ),
    lambda document, _: document.types == _KIND_TYPES.get(document.kind),
    _REBUILD,
)
_str(
    "Y K B R E EB",
    "ALL-STR-21",
    Context.IDENTIFIER,
    "identifier",
    (
        "VKN/TCKN “{value}” denetim basamağına uymuyor",
        "the check digits of “{value}” are wrong",
    ),
    lambda item, _: vkn_is_valid(ns(item.value)) or tckn_is_valid(ns(item.value)),
    _RECORD,
)
_str(
    "Y K B R E EB",
    "ALL-STR-21",
    Context.ENTITY_INFO,
    "business_description",
    (
        "NACE kodu “{business_description}” 12.34 ya da 12.34.56 biçiminde değil",
        "NACE code “{business_description}” is not written 12.34 or 12.34.56",
    ),
    lambda info, _: all(_NACE.fullmatch(text.strip()) for text in each(info.business_description)),
    _RECORD,
)
_str(
    "Y K B R E EB",
    "ALL-STR-21",
    Context.INFO,
    "source_application",
    (
        "kaynak uygulama “{source_application}”; VKN##unvan##program##sürüm biçiminde olmalı",
        "sourceApplication is “{source_application}”; it must be VKN##title##program##version",
    ),
    lambda info, _: all(
        len(text.split("##")) == 4 and all(part.strip() for part in text.split("##"))
        for text in each(info.source_application)
    ),
    (
        "Yazılım bilgisini onay yazısındaki gibi dört parça olarak ayarlayın.",
        "Set the software identity in four parts, as in the approval letter.",
    ),
)
