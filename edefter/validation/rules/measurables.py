"""MSR: measurable of a line (fund units in Y and K, goods in E)."""

from __future__ import annotations

from operator import eq

from edefter.validation.records import Measurable
from edefter.validation.rule import Context, Predicate, Table
from edefter.validation.xpath import compare_numbers, equal, ns, number

TABLE = Table(Context.MEASURABLE)
_FUND = (
    "Fon katılma payı bilgisini muhasebe programında tamamlayıp defteri yeniden oluşturun.",
    "Complete the fund unit data in the accounting program and build the ledger again.",
)
_GOODS = (
    "Envanter kaleminin ürün kodunu ve ölçü birimini düzeltip defteri yeniden oluşturun.",
    "Correct product code and unit of the inventory item and build the ledger again.",
)
UNIT_CODES = frozenset(
    [
        "DAY",
        "MON",
        "ANN",
        "HUR",
        "D61",
        "D62",
        "C62",
        "PA",
        "BX",
        "MGM",
        "GRM",
        "KGM",
        "LTR",
        "TNE",
        "NT",
        "GT",
        "MMT",
        "CMT",
        "MTR",
        "KTM",
        "MLT",
        "MMQ",
        "CMK",
        "CMQ",
        "MTK",
        "MTQ",
        "KJO",
        "CLT",
        "KWH",
        "MWH",
        "CCT",
        "D30",
        "D40",
        "LPA",
        "B32",
        "NCL",
        "PR",
        "R9",
        "SET",
        "T3",
        "LM",
        "AMVT",
        "HAGR",
        "CT",
    ]
)


def _msr(
    families: str,
    name: str,
    field: str,
    texts: tuple[str, str],
    holds: Predicate,
    fix: tuple[str, str] = _FUND,
) -> None:
    TABLE.add(families, name, field, (*texts, *fix), holds)


for _number, (_field, _tr) in enumerate(
    (
        ("code", "ölçülebilir kod (measurableCode)"),
        ("code_description", "kod tanımı (measurableCodeDescription)"),
        ("quantity", "miktar (measurableQuantity)"),
        ("qualifier", "niteleyici (measurableQualifier)"),
        ("unit", "ölçü birimi (measurableUnitOfMeasure)"),
        ("unit_cost", "birim fiyat (measurableCostPerUnit)"),
    ),
    start=1,
):
    _element = _tr[_tr.index("(") + 1 : -1]
    _msr(
        "Y K",
        f"MSR-{_number:02d}",
        _field,
        (f"ölçümde {_tr} yok", f"{_element} is missing"),
        lambda record, _, attribute=_field: getattr(record, attribute) is not None,
    )
for _name, _field, _fixed, _tr in (
    ("MSR-07", "code", "NT", "ölçülebilir kod"),
    ("MSR-08", "code_description", "Maddi Olmayan Kalemler", "kod tanımı"),
    ("MSR-09", "qualifier", "Fon", "niteleyici"),
    ("MSR-10", "unit", "Adet", "ölçü birimi"),
):
    _msr(
        "Y K",
        _name,
        _field,
        (
            f"ölçümde {_tr} “{{{_field}}}”; tam olarak “{_fixed}” yazılmalı",
            f"“{{{_field}}}” must be exactly “{_fixed}”",
        ),
        lambda record, _, attribute=_field, text=_fixed: equal(getattr(record, attribute), text),
    )


def _product_fits(record: Measurable, _: object) -> bool:
    # The engine reads the quantity only when there is a cost, the amount only with a product.
    if record.unit_cost is None:
        return False
    cost = number(record.unit_cost)
    if record.quantity is None:
        return False
    return compare_numbers(record.amount, eq, cost * number(record.quantity))


_msr(
    "Y K",
    "MSR-11",
    "unit_cost",
    (
        "birim fiyat {unit_cost} × miktar {quantity}, tutara {amount} eşit değil "
        "(GİB ikili kayan noktayla karşılaştırır)",
        "unit cost {unit_cost} × quantity {quantity} is not the amount {amount} "
        "(GİB compares in binary floating point)",
    ),
    _product_fits,
)
_msr(
    "E",
    "MSR-01",
    "unit",
    (
        "ölçüm metni iso4217: ile başlıyor ve devamı bir birim kodu değil",
        "the text of the measurable starts with iso4217: and goes on with no unit code",
    ),
    lambda record, _: not ns(record.text).startswith("iso4217:") or record.text[8:] in UNIT_CODES,
    _GOODS,
)
_msr(
    "E",
    "MSR-02",
    "item_id",
    (
        "ürünün cinsi yazılmış, ürün kodu (measurableID) yok",
        "a measurableDescription needs a measurableID",
    ),
    lambda record, _: record.description is None or record.item_id is not None,
    _GOODS,
)
_msr(
    "E",
    "MSR-03",
    "code_description",
    (
        "envanterde measurableCodeDescription kullanılamaz (GİB kuralı her zaman reddeder)",
        "measurableCodeDescription cannot be used in an inventory book (GİB's rule always refuses)",
    ),
    lambda record, _: record.code_description is None or record.misprinted_quantity is not None,
    _GOODS,
)
_msr(
    "E",
    "MSR-04",
    "unit",
    ("ölçü birimi (measurableUnitOfMeasure) yok", "measurableUnitOfMeasure is missing"),
    lambda record, _: record.code_description is None or record.unit is not None,
    _GOODS,
)
