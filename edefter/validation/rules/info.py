"""INF: documentInfo."""

from __future__ import annotations

import math

from edefter.validation.records import Document
from edefter.validation.rule import Context, Predicate, Table
from edefter.validation.xpath import (
    Value,
    at_least,
    equal,
    lenient_number,
    ns,
    number_text,
    string,
)

TABLE = Table(Context.INFO)
_ALL = "Y K B R E EB"
_AGAIN = (
    "Belgeyi e-Defter yazılımıyla yeniden oluşturun.",
    "Build the document again with the e-Defter software.",
)
_PERIOD = (
    "Defterin dönemini (ay) denetleyip belgeyi o dönem için yeniden oluşturun.",
    "Check the period (month) of the ledger and build the document again for it.",
)
_SERIAL = (
    "Kontrol numarasını elle değiştirmeyin; belgeyi e-Defter yazılımıyla yeniden oluşturun.",
    "Do not edit the control number; build the document again with the e-Defter software.",
)


def _inf(
    families: str,
    name: str,
    field: str,
    texts: tuple[str, str],
    holds: Predicate,
    fix: tuple[str, str] = _AGAIN,
) -> None:
    TABLE.add(families, name, field, (*texts, *fix), holds)


def _part(value: Value, start: int, end: int) -> str:
    return string(value)[start:end]


def _month(document: Document) -> str:
    # Measured: the start is taken over all documentInfo, the end from the one that is judged.
    return _part(document.starts, 0, 4) + _part(document.starts, 5, 7)


def _month_number(document: Document) -> str:
    text = _month(document)
    return number_text(lenient_number(text) if text else math.nan)


_inf(
    _ALL,
    "INF-01",
    "entries_type",
    ("doküman tipi (entriesType) yok", "entriesType is missing"),
    lambda info, _: info.entries_type is not None,
)
for _family, _type in (("Y", "journal"), ("K", "ledger"), ("E", "assets"), ("EB", "assets")):
    _inf(
        _family,
        "INF-02",
        "entries_type",
        (
            f"doküman tipi (entriesType) “{{entries_type}}”; {_type} olmalı",
            f"entriesType is “{{entries_type}}”; it must be {_type}",
        ),
        lambda info, _, kind=_type: ns(info.entries_type) == kind,
    )
_inf(
    "R",
    "INF-02",
    "entries_type",
    (
        "doküman tipi (entriesType) “{entries_type}”; trialbalance olmalı",
        "entriesType is “{entries_type}”; it must be trialbalance",
    ),
    lambda info, _: info.entries_type is None or equal(info.entries_type, "trialbalance"),
)
for _suffix, _type in (("a", "journal"), ("b", "ledger")):
    _inf(
        "B",
        f"INF-02{_suffix}",
        "entries_type",
        (
            f"beratın doküman tipi (entriesType) “{{entries_type}}”; {_type} olmalı",
            f"entriesType of the berat is “{{entries_type}}”; it must be {_type}",
        ),
        lambda info, document, kind=_type: (
            not equal(document.types, kind) or ns(info.entries_type) == kind
        ),
    )
_inf(
    _ALL,
    "INF-03",
    "unique_id",
    ("kontrol numarası (uniqueID) yok", "the control number (uniqueID) is missing"),
    lambda info, _: info.unique_id is not None,
)
for _family, _prefix in (("Y", "YEV"), ("K", "KEB"), ("E", "ENV")):
    _inf(
        _family,
        "INF-04",
        "unique_id",
        (
            f"kontrol numarası “{{unique_id}}”; {_prefix} ile başlamalı",
            f"control number is “{{unique_id}}”; it must start with {_prefix}",
        ),
        lambda info, _, start=_prefix: (
            info.unique_id is None or ns(info.unique_id).startswith(start)
        ),
        _SERIAL,
    )
for _family, _name, _type, _prefix in (
    ("EB", "INF-04", "assets", "ENV"),
    ("B", "INF-04a", "journal", "YEV"),
    ("B", "INF-04b", "ledger", "KEB"),
):
    _inf(
        _family,
        _name,
        "unique_id",
        (
            f"beratın kontrol numarası “{{unique_id}}”; {_prefix} ile başlamalı",
            f"control number of the berat is “{{unique_id}}”; it must start with {_prefix}",
        ),
        lambda info, document, kind=_type, start=_prefix: (
            info.unique_id is None
            or not equal(document.types, kind)
            or ns(info.unique_id).startswith(start)
        ),
        _SERIAL,
    )
_inf(
    _ALL,
    "INF-05",
    "unique_id",
    (
        "kontrol numarası “{unique_id}”; 15 karakter olmalı",
        "control number is “{unique_id}”; it must have 15 characters",
    ),
    lambda info, _: info.unique_id is None or len(ns(info.unique_id)) == 15,
    _SERIAL,
)
for _name, _field, _tr, _en in (
    ("INF-06", "creation_date", "oluşturma tarihi (creationDate)", "creationDate"),
    ("INF-07", "start", "dönem başlangıcı (periodCoveredStart)", "periodCoveredStart"),
    ("INF-08", "end", "dönem sonu (periodCoveredEnd)", "periodCoveredEnd"),
):
    _inf(
        _ALL,
        _name,
        _field,
        (f"{_tr} yok", f"{_en} is missing"),
        lambda info, _, attribute=_field: getattr(info, attribute) is not None,
    )
_inf(
    "Y K B R",
    "INF-09",
    "end",
    (
        "dönem sonu “{end}”, dönem başından “{start}” önce",
        "period end “{end}” is before its start “{start}”",
    ),
    lambda info, _: at_least(info.end, info.start),
    _PERIOD,
)
_inf(
    "E EB",
    "INF-09",
    "end",
    (
        "envanterde dönem başı “{start}” ve sonu “{end}” aynı gün olmalı",
        "period start “{start}” and end “{end}” of an inventory must be the same day",
    ),
    lambda info, _: equal(info.end, info.start),
    _PERIOD,
)
_inf(
    _ALL,
    "INF-10",
    "creation_date",
    (
        "oluşturma tarihi “{creation_date}”, dönem sonundan “{end}” önce",
        "creationDate “{creation_date}” is before the period end “{end}”",
    ),
    lambda info, _: at_least(info.creation_date, info.end),
    (
        "Dönem bitmeden defter oluşturulamaz; belgeyi dönem sonundan sonra oluşturun ve "
        "bilgisayar saatini denetleyin.",
        "A ledger is built after its period has ended; build it then and check the clock.",
    ),
)
_inf(
    _ALL,
    "INF-11",
    "source_application",
    (
        "kaynak uygulama (sourceApplication) boş",
        "sourceApplication is blank",
    ),
    lambda info, _: ns(info.source_application) != "",
    (
        "Yazılım bilgisini VKN##unvan##program##sürüm biçiminde ayarlayın.",
        "Set the software identity as VKN##title##program##version.",
    ),
)
_inf(
    _ALL,
    "INF-12",
    "start",
    (
        "dosya adı {file}, defterin dönemiyle (“{start}”) uyuşmuyor",
        "the file name {file} does not match the period (“{start}”)",
    ),
    lambda _, document: f"-{_month_number(document)}-" in document.name,
    (
        "Dosya adını değiştirmeyin; doğru dönemin dosyasını seçin ya da belgeyi yeniden oluşturun.",
        "Do not rename the file; choose the right period's file or build the document again.",
    ),
)
_inf(
    _ALL,
    "INF-13",
    "end",
    (
        "dönem “{start}” – “{end}” tek yıl içinde değil",
        "period “{start}” – “{end}” is not within one year",
    ),
    lambda info, document: _part(document.starts, 0, 4) == _part(info.end, 0, 4),
    _PERIOD,
)
_inf(
    _ALL,
    "INF-14",
    "end",
    (
        "dönem “{start}” – “{end}” tek ay içinde değil",
        "period “{start}” – “{end}” is not within one month",
    ),
    lambda info, document: _part(document.starts, 5, 7) == _part(info.end, 5, 7),
    _PERIOD,
)
_inf(
    _ALL,
    "INF-15",
    "unique_id",
    (
        "kontrol numarası “{unique_id}”, dönemi (“{start}”) içermiyor",
        "control number “{unique_id}” does not hold the period (“{start}”)",
    ),
    lambda info, document: _month(document) in string(info.unique_id),
    _SERIAL,
)
