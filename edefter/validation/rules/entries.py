"""AEN: accountingEntries."""

from __future__ import annotations

from edefter.validation.records import Entries
from edefter.validation.rule import Context, Predicate, Table
from edefter.validation.rules.gathered import KebirAccounts
from edefter.validation.xpath import equal

TABLE = Table(Context.ENTRIES)
_BY_PROGRAM = (
    "Belgeyi e-Defter yazılımıyla yeniden oluşturun.",
    "Build the document again with the e-Defter software.",
)
_TAX_FREE = "VERGI_DETAYSIZ"


def _aen(
    families: str,
    name: str,
    field: str,
    texts: tuple[str, str],
    holds: Predicate,
    fix: tuple[str, str] = _BY_PROGRAM,
) -> None:
    TABLE.add(families, name, field, (*texts, *fix), holds)


_ALL = "Y K B R E EB"
_REPORT_ORDER = (
    "Büyük defteri, hesap koduna göre sıralı ve her (alt) hesap tek başlıkta olacak biçimde "
    "yeniden oluşturun.",
    "Build the kebir again, sorted by account code and with one header per (sub-)account.",
)
_EMPTY = (
    "Dönemin fişlerini denetleyin; hareketsiz ayda GİB'in istediği kaydı girin ve defteri yeniden "
    "oluşturun.",
    "Check the vouchers of the period; enter what GİB asks for in a month without entries and "
    "build the ledger again.",
)
_aen(
    _ALL,
    "AEN-01",
    "gl-cor:documentInfo",
    ("belge bilgisi (documentInfo) yok", "documentInfo is missing"),
    lambda entries, _: entries.has_info,
)
_aen(
    _ALL,
    "AEN-02",
    "gl-cor:entityInformation",
    ("işletme bilgisi (entityInformation) yok", "entityInformation is missing"),
    lambda entries, _: entries.has_entity_info,
)
for _family in ("Y", "E"):
    _aen(
        _family,
        "AEN-03",
        "gl-cor:entryHeader",
        (
            "ayın tek parça defteri (000000) boş olamaz; hiç madde yok",
            "a ledger that is the whole month (000000) must hold at least one entry",
        ),
        lambda entries, _, part=f"{_family}-000000": (
            part not in entries.uri or entries.header_count > 0
        ),
        _EMPTY,
    )


def _kebir(entries: Entries) -> KebirAccounts:
    gathered = entries.accounts
    return gathered if isinstance(gathered, KebirAccounts) else KebirAccounts()


_aen(
    "K",
    "AEN-03",
    "main",
    (
        "ana hesaplar sıralı değil: {accounts.unsorted_text}",
        "main accounts are not in order: {accounts.unsorted_text}",
    ),
    lambda entries, _: not _kebir(entries).unsorted,
    _REPORT_ORDER,
)
_aen(
    "K",
    "AEN-04",
    "main",
    (
        "alt hesabı olmayan bir ana hesap birden çok başlıkta: {accounts.mains_text}",
        "a main account without sub-account stands in several headers: {accounts.mains_text}",
    ),
    lambda entries, _: not _kebir(entries).repeated_mains,
    _REPORT_ORDER,
)
_aen(
    "K",
    "AEN-05",
    "sub",
    (
        "aynı alt hesap birden çok başlıkta: {accounts.subs_text}",
        "a sub-account stands in several headers: {accounts.subs_text}",
    ),
    lambda entries, _: not _kebir(entries).repeated_subs,
    _REPORT_ORDER,
)
_aen(
    "B",
    "AEN-03",
    "gl-cor:entryHeader",
    (
        "beratta tam bir vergi detayı (entryHeader) olmalı; {header_count} bulundu",
        "a berat holds exactly one tax detail (entryHeader); found {header_count}",
    ),
    lambda entries, document: (
        equal(document.authority_codes, _TAX_FREE) or entries.header_count == 1
    ),
)
_aen(
    "B",
    "AEN-04",
    "gl-cor:entryHeader",
    (
        "vergi detaysız beratta (VERGI_DETAYSIZ) entryHeader olamaz",
        "a berat without tax detail (VERGI_DETAYSIZ) holds no entryHeader",
    ),
    lambda entries, document: (
        not equal(document.authority_codes, _TAX_FREE) or entries.header_count == 0
    ),
)
_aen(
    "R",
    "AEN-03",
    "gl-cor:entryHeader",
    (
        "defter raporunda tam bir entryHeader olmalı; {header_count} bulundu",
        "the report holds exactly one entryHeader; found {header_count}",
    ),
    lambda entries, _: entries.header_count == 1,
)
_aen(
    "EB",
    "AEN-03",
    "gl-cor:entryHeader",
    (
        "envanter beratında entryHeader olamaz",
        "the berat of an inventory book holds no entryHeader",
    ),
    lambda entries, _: entries.header_count == 0,
)
