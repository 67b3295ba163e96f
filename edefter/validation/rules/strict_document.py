"""The strict layer over the rest of a document: what the guides ask for (rules.md §5)."""

from __future__ import annotations

import re
from datetime import date

from edefter.model.documents import MOST_FILE_BYTES, DocumentName, Kind
from edefter.model.identity import tckn_is_valid, vkn_is_valid
from edefter.validation.records import Document, EntityInfo, Info
from edefter.validation.rule import Context, Predicate, Table, violated
from edefter.validation.rules.strict import is_plain_date
from edefter.validation.xpath import Value, each, ns

TABLE = Table()
_NACE = re.compile(r"[0-9]{2}(\.?[0-9]{2}){1,2}")
_TYPES = {Kind.YB: "journal", Kind.KB: "ledger"}
_REBUILD = (
    "Belgeyi e-Defter yazılımıyla yeniden oluşturun.",
    "Build the document again with the e-Defter software.",
)
_RECORD = (
    "Mükellef kaydını düzeltip belgeyi yeniden oluşturun.",
    "Correct the company's record and build the document again.",
)


def _str(
    families: str,
    rule_id: str,
    context: Context,
    field: str,
    texts: tuple[str, str],
    holds: Predicate,
    fix: tuple[str, str] = _REBUILD,
) -> None:
    TABLE.strict(families, rule_id, field, (*texts, *fix), holds, context=context)


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


_str(
    "B R E EB",
    "ALL-STR-23",
    Context.REFERENCE,
    "contextRef",
    (
        "{attribute} “{value}” tanımlı değil ({element})",
        "{attribute} “{value}” is not defined ({element})",
    ),
    violated,
    _REBUILD,
)
_str(
    "Y K",
    "YK-STR-08",
    Context.DOCUMENT,
    "xbrli:period",
    (
        "bağlamdaki tarih ({instants}) yyyy-aa-gg biçiminde, saatsiz ve boşluksuz gerçek bir gün "
        "olmalı",
        "the date of the context ({instants}) must be a real day written yyyy-mm-dd without time, "
        "zone or blanks",
    ),
    lambda document, _: all(is_plain_date(text) for text in each(document.instants)),
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


def _name(document: Document) -> DocumentName | None:
    try:
        return DocumentName.parse(document.name)
    except ValueError:
        return None


def _branch_fits(document: Document, _: Document) -> bool:
    name, branch = _name(document), document.branch()
    return branch != "0000" and (name is None or name.branch == branch)


def _file_kind(document: Document) -> Kind:
    """By the file name; by what it is judged as, where the name is none."""
    name = _name(document)
    return document.kind if name is None else name.kind


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
    Context.DOCUMENT,
    "",
    (
        "dosya adı “{file}” e-Defter adı değil; şubesi anlaşılmıyor",
        "“{file}” is no e-Defter file name, so its branch is not known",
    ),
    lambda document, _: _name(document) is not None,
    (
        "Dosyaya VKN-YYYYAA-tür-parça[-şube].xml biçimindeki ilk adını geri verin.",
        "Give the file its name of the form VKN-YYYYMM-kind-part[-branch].xml back.",
    ),
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
    lambda header, document: (header.batch_id or "") == document.branch_number,
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
    lambda document, _: document.size_bytes <= MOST_FILE_BYTES,
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
        "doküman tipi “{types}”, dosyanın türüyle uyuşmuyor ({file}); yevmiye beratında journal, "
        "büyük defter beratında ledger olmalı",
        "entriesType “{types}” does not fit the kind of the file ({file}); journal for a berat of "
        "the yevmiye, ledger for one of the kebir",
    ),
    lambda document, _: document.types == _TYPES.get(_file_kind(document)),
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
