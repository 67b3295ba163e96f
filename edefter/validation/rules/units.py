"""XBR and MEA: contexts, units and the currency list of the official rules."""

from __future__ import annotations

from edefter.validation.rule import Context, Predicate, Table
from edefter.validation.xpath import equal, ns

TABLE = Table(Context.XBRL)
_ALL = "Y K B R E EB"
_AGAIN = (
    "Belgeyi e-Defter yazılımıyla yeniden oluşturun.",
    "Build the document again with the e-Defter software.",
)
_CURRENCY = (
    "Mükellef kaydındaki defter para birimini denetleyin (Türk lirası için birim kimliği try, "
    "ölçü iso4217:TRY).",
    "Check the book currency in the company's record (for TRY: unit id try, measure iso4217:TRY).",
)
_PREFIX = "iso4217:"

CURRENCIES = (
    ",AED,AFN,ALL,AMD,ANG,AOA,ARS,AUD,AWG,AZN,BAM,BBD,BDT,BGN,BHD,BIF,BMD,BND,BOB,BOV,BRL,BSD,BTN"
    ",BWP,BYN,BYR,BZD,CAD,CDF,CHE,CHF,CHW,CLF,CLP,CNY,COP,COU,CRC,CUC,CUP,CVE,CZK,DJF,DKK,DOP,DZD"
    ",EEK,EGP,ERN,ETB,EUR,FJD,FKP,GBP,GEL,GHS,GIP,GMD,GNF,GTQ,GWP,GYD,HKD,HNL,HRK,HTG,HUF,IDR,ILS"
    ",INR,IQD,IRR,ISK,JMD,JOD,JPY,KES,KGS,KHR,KMF,KPW,KRW,KWD,KYD,KZT,LAK,LBP,LKR,LRD,LSL,LTL,LVL"
    ",LYD,MAD,MAD,MDL,MGA,MKD,MMK,MNT,MOP,MRO,MUR,MVR,MWK,MXN,MXV,MYR,MZN,NAD,NGN,NIO,NOK,NPR,NZD"
    ",OMR,PAB,PEN,PGK,PHP,PKR,PLN,PYG,QAR,RON,RSD,RUB,RWF,SAR,SBD,SCR,SDG,SEK,SGD,SHP,SLL,SOS,SSP"
    ",SRD,STD,SVC,SYP,SZL,THB,TJS,TMT,TND,TOP,TRY,TTD,TWD,TZS,UAH,UGX,USD,USN,USS,UYI,UYU,UZS,VEF"
    ",VND,VUV,WST,XAF,XAG,XAU,XBA,XBB,XBC,XBD,XCD,XDR,XFU,XOF,XPD,XPF,XPT,XSU,XTS,XUA,XXX,YER,ZAR"
    ",ZMK,ZMW,ZWL,"
)
"""The official string (rules.md §3): tested by substring, so order and commas matter."""


def _xbr(
    name: str, field: str, texts: tuple[str, str], holds: Predicate, families: str = _ALL
) -> None:
    TABLE.add(families, name, field, (*texts, *_AGAIN), holds)


_xbr(
    "XBR-01",
    "xbrli:context",
    ("tam bir context olmalı; {contexts} bulundu", "exactly one context; found {contexts}"),
    lambda xbrl, _: xbrl.contexts == 1,
)
_xbr(
    "XBR-02",
    "xbrli:unit",
    ("birim (unit) tanımı yok", "no unit is defined"),
    lambda xbrl, _: xbrl.units >= 1,
)
_xbr(
    "XBR-03",
    "gl-cor:accountingEntries",
    (
        "tam bir accountingEntries olmalı; {entries} bulundu",
        "exactly one accountingEntries; found {entries}",
    ),
    lambda xbrl, _: xbrl.entries == 1,
)
_xbr(
    "XBR-04",
    "xbrli:measure",
    ("birimlerin hiçbirinde ölçü (measure) yok", "no unit holds a measure"),
    lambda xbrl, _: bool(xbrl.measures),
)
_xbr(
    "XBR-05",
    "xbrli:measure",
    (
        "para birimi ölçüsü (iso4217:…) yok",
        "no measure is a currency (iso4217:…)",
    ),
    lambda xbrl, _: any(ns(text).startswith(_PREFIX) for text in xbrl.measures),
    "Y E",
)


def _listed(code: str) -> bool:
    return f",{code}," in CURRENCIES


def _mea(name: str, texts: tuple[str, str], holds: Predicate, families: str = _ALL) -> None:
    TABLE.add(families, name, "xbrli:measure", (*texts, *_CURRENCY), holds, context=Context.MEASURE)


_UNKNOWN = (
    "“{text}” GİB'in para birimi listesinde yok",
    "“{text}” is not in GİB's list of currencies",
)
_mea(
    "MEA-01",
    _UNKNOWN,
    lambda measure, _: not ns(measure.text).startswith(_PREFIX) or _listed(measure.text[8:]),
    "Y K R E",
)
_mea(
    "MEA-01",
    _UNKNOWN,
    lambda measure, _: not ns(measure.text).startswith(_PREFIX) or _listed(ns(measure.text)[8:]),
    "B EB",
)
_mea(
    "MEA-02",
    (
        "ISO kodlu en fazla bir birim (unit) olmalı",
        "at most one unit has an ISO code as its id",
    ),
    # A measure has one parent, so the official count never exceeds one (rules.md, dead rule).
    lambda measure, _: int((measure.unit_id or "") in CURRENCIES) <= 1,
)
_mea(
    "MEA-03",
    (
        "birim kimliği “{unit_id}” ile ölçüsü “{text}” tutarsız",
        "unit id “{unit_id}” and its measure “{text}” disagree",
    ),
    lambda measure, _: (
        (measure.unit_id or "") not in CURRENCIES
        or measure.text == _PREFIX + (measure.unit_id or "")
    ),
)
_mea(
    "MEA-04",
    (
        "varsayılan para birimi “{currencies}”, birimin ölçüsü “{text}” ile aynı değil",
        "defaultCurrency “{currencies}” differs from the unit's measure “{text}”",
    ),
    lambda measure, document: (
        (measure.unit_id or "") not in CURRENCIES
        or document.currencies is None
        or measure.text != _PREFIX + (measure.unit_id or "")
        or equal(document.currencies, measure.text)
    ),
)
