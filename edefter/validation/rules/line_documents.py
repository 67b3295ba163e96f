"""DET-13 … DET-16, DET-20 … DET-25: foreign currency and document of a line."""

from __future__ import annotations

from edefter.validation.records import Detail
from edefter.validation.rule import Context, Predicate, Table
from edefter.validation.xpath import ns

TABLE = Table(Context.DETAIL)
_BOOKS = "Y K E"
_REBUILD = (
    "Belgeyi e-Defter yazılımıyla yeniden oluşturun.",
    "Build the document again with the e-Defter software.",
)
_DOCUMENT = (
    "Fiş satırının belge türü, numarası ve tarihini muhasebe programında tamamlayıp defteri "
    "yeniden oluşturun.",
    "Complete type, number and date of the line's document in the accounting program and build "
    "the ledger again.",
)
_FOREIGN = (
    "Fiş satırının döviz bilgisini (tutar, cins, kur, kur tarihi) muhasebe programında tamamlayıp "
    "defteri yeniden oluşturun.",
    "Complete the line's foreign currency (amount, currency, rate, date of the rate) in the "
    "accounting program and build the ledger again.",
)


def _det(
    families: str,
    name: str,
    field: str,
    texts: tuple[str, str],
    holds: Predicate,
    fix: tuple[str, str] = _DOCUMENT,
) -> None:
    TABLE.add(families, name, field, (*texts, *fix), holds)


def _numbered(detail: Detail) -> bool:
    return ns(detail.document_number) != "" and detail.document_date is not None


_det(
    "Y K",
    "DET-13",
    "amount_currency",
    (
        "para birimi (amountCurrency) yazılmış, ama varsayılan para birimi (defaultCurrency) yok",
        "amountCurrency is written, but defaultCurrency is missing",
    ),
    lambda detail, document: detail.amount_currency is None or document.currencies is not None,
    _REBUILD,
)
_det(
    _BOOKS,
    "DET-14",
    "original_rate_date",
    ("döviz tutarı var, kur tarihi yok", "a foreign amount needs the date of its rate"),
    lambda detail, _: detail.original_amount is None or detail.original_rate_date is not None,
    _FOREIGN,
)
_det(
    _BOOKS,
    "DET-15",
    "original_currency",
    ("döviz tutarı var, döviz cinsi yok", "a foreign amount needs its currency"),
    lambda detail, _: detail.original_amount is None or detail.original_currency is not None,
    _FOREIGN,
)
_det(
    _BOOKS,
    "DET-16",
    "original_rate",
    ("döviz cinsi var, kur yok", "a foreign currency needs a rate"),
    lambda detail, _: detail.original_currency is None or detail.original_rate is not None,
    _FOREIGN,
)
_det(
    "Y K",
    "DET-20",
    "document_type_description",
    (
        "belge türü “diğer” (other); belge türü açıklaması boş olamaz",
        "document type is other; its description must not be blank",
    ),
    lambda detail, _: (
        ns(detail.document_type) != "other" or ns(detail.document_type_description) != ""
    ),
    _DOCUMENT,
)
for _name, _type, _tr in (
    ("DET-21", "other", "diğer"),
    ("DET-22", "invoice", "fatura"),
    ("DET-23", "check", "çek"),
):
    _det(
        "Y K",
        _name,
        "document_number",
        (
            f"belge türü “{_tr}” ({_type}); belge numarası ve tarihi zorunlu "
            "(numara “{document_number}”, tarih “{document_date}”)",
            f"document type {_type} needs a number and a date "
            "(number “{document_number}”, date “{document_date}”)",
        ),
        lambda detail, _, kind=_type: ns(detail.document_type) != kind or _numbered(detail),
        _DOCUMENT,
    )
for _name, _field, _tr, _en in (
    ("DET-24", "document_number", "belge numarası", "document number"),
    ("DET-25", "document_date", "belge tarihi", "document date"),
):
    _det(
        "Y K",
        _name,
        "document_type",
        (
            f"{_tr} “{{{_field}}}” var, belge türü (documentType) yok",
            f"{_en} “{{{_field}}}” needs a documentType",
        ),
        lambda detail, _, attribute=_field: (
            getattr(detail, attribute) is None or detail.document_type is not None
        ),
        _DOCUMENT,
    )
