"""DET: entryDetail of every family."""

from __future__ import annotations

from operator import eq, ge, gt

from edefter.validation.records import Detail
from edefter.validation.rule import Context, Predicate, Table, violated
from edefter.validation.rules.gathered import ReportTotals
from edefter.validation.xpath import (
    AMOUNT,
    at_least,
    compare_numbers,
    each,
    equal,
    ns,
    string,
)

TABLE = Table(Context.DETAIL)
_LINES = "Y K B R E"
_BOOKS = "Y K E"
_VOUCHER = (
    "Fiş satırını muhasebe programında düzeltip defteri yeniden oluşturun.",
    "Correct the voucher line in the accounting program and build the ledger again.",
)
_REBUILD = (
    "Belgeyi e-Defter yazılımıyla yeniden oluşturun.",
    "Build the document again with the e-Defter software.",
)
_ACCOUNT = (
    "Hesap planındaki kodu ya da adı muhasebe programında düzeltip defteri yeniden oluşturun.",
    "Correct the code or name in the chart of accounts and build the ledger again.",
)
_AMOUNT_FIX = (
    "Tutarı fişte sıfırdan büyük ve en çok 2 ondalıklı girin; iade ve düzeltmede borç/alacak "
    "yönünü değiştirin.",
    "Enter the amount above zero with at most 2 decimals; reverse the side to correct an entry.",
)
_SEQUENCE = (
    "Satır numaralarını sırayla vererek defteri yeniden oluşturun.",
    "Number the lines in sequence and build the ledger again.",
)


def _det(
    families: str,
    name: str,
    field: str,
    texts: tuple[str, str],
    holds: Predicate,
    fix: tuple[str, str] = _VOUCHER,
    context: Context = Context.DETAIL,
) -> None:
    TABLE.add(families, name, field, (*texts, *fix), holds, context=context)


def _in_period(detail: Detail, document: object) -> bool:
    starts, ends = document.starts, document.ends  # type: ignore[attr-defined]
    day = detail.posting_date
    return day is None or (at_least(day, starts) and at_least(ends, day))


_det(
    _LINES,
    "DET-01",
    "line_number",
    ("satır numarası (lineNumber) yok", "lineNumber is missing"),
    lambda detail, _: detail.line_number is not None,
    _REBUILD,
)
_det(
    "Y E B R",
    "DET-02",
    "line_number",
    (
        "{value} numaralı satırdan sonra {next} numaralı satır yok; satır numaraları müteselsil "
        "olmalı",
        "no line {next} follows line {value}; line numbers must be consecutive",
    ),
    violated,
    _SEQUENCE,
    Context.LINE_STEP,
)
_det(
    "B R",
    "DET-03",
    "line_number",
    (
        "ilk satırın numarası “{line_number}”; 1 olmalı",
        "the first line has number “{line_number}”; it must be 1",
    ),
    lambda detail, _: not detail.is_first or compare_numbers(detail.line_number, eq, 1),
    _REBUILD,
)
_det(
    _BOOKS,
    "DET-03",
    "line_counter",
    ("satırın madde numarası (lineNumberCounter) yok", "lineNumberCounter is missing"),
    lambda detail, _: detail.line_counter is not None,
    _REBUILD,
)
_det(
    "Y E",
    "DET-04",
    "line_counter",
    (
        "satırın madde numarası “{line_counter}”, madde “{counter}”; aynı yazılmalı",
        "the line says “{line_counter}”, its entry “{counter}”; they must be written alike",
    ),
    lambda detail, _: (
        detail.line_counter is None
        or detail.header.counter is None
        or equal(detail.line_counter, detail.header.counter)
    ),
    _REBUILD,
)
_det(
    "K",
    "DET-04",
    "line_counter",
    (
        "madde numarası {line_counter}, hesabın önceki satırlarından küçük; sıra bozuk",
        "entry number {line_counter} is smaller than that of an earlier line of the account",
    ),
    lambda detail, _: not detail.counter_decreases,
    (
        "Büyük defteri, satırları madde numarasına göre sıralı olacak biçimde yeniden oluşturun.",
        "Build the kebir again with the lines of each account sorted by entry number.",
    ),
)
_det(
    "B R",
    "DET-04",
    "gl-cor:xbrlInclude",
    (
        "xbrlInclude “{xbrl_include}”; period_change olmalı",
        "xbrlInclude is “{xbrl_include}”; it must be period_change",
    ),
    lambda detail, _: (
        not equal(detail.header.qualifier, "standard")
        or equal(detail.xbrl_include, "period_change")
    ),
    _REBUILD,
)
_det(
    _LINES,
    "DET-05",
    "gl-cor:account",
    ("satırda hesap (account) yok", "the line has no account"),
    lambda detail, _: bool(detail.accounts),
    _ACCOUNT,
)
_det(
    _LINES,
    "DET-06",
    "main",
    (
        "ana hesap kodu “{main}”; 3 ya da 4 karakter olmalı",
        "main account code is “{main}”; it must have 3 or 4 characters",
    ),
    lambda detail, _: not detail.accounts or detail.main is None or 3 <= len(ns(detail.main)) <= 4,
    _ACCOUNT,
)
_det(
    _LINES,
    "DET-07",
    "main_description",
    (
        "ana hesap adı (accountMainDescription) yok",
        "accountMainDescription is missing",
    ),
    lambda detail, _: not detail.accounts or detail.main_description is not None,
    _ACCOUNT,
)
for _name, _field, _tr, _en in (
    ("DET-08", "sub", "alt hesap kodu (accountSubID)", "accountSubID"),
    ("DET-09", "sub_description", "alt hesap adı (accountSubDescription)", "accountSubDescription"),
):
    _det(
        _BOOKS,
        _name,
        _field,
        (f"{_tr} yok", f"{_en} is missing"),
        lambda detail, _, attribute=_field: (
            detail.sub_count == 0 or getattr(detail, attribute) is not None
        ),
        _ACCOUNT,
    )
_det(
    _BOOKS,
    "DET-10",
    "sub",
    (
        "alt hesap kodu “{sub}”, ana hesap koduyla “{main}” başlamıyor",
        "sub-account “{sub}” does not start with its main account “{main}”",
    ),
    lambda detail, _: (
        ns(detail.main) == "" or ns(detail.sub) == "" or ns(detail.sub).startswith(ns(detail.main))
    ),
    _ACCOUNT,
)
_det(
    _LINES,
    "DET-11",
    "amount",
    ("tutar (amount) yok", "the amount is missing"),
    lambda detail, _: detail.amount is not None,
    _AMOUNT_FIX,
)
_det(
    _BOOKS,
    "DET-12",
    "amount",
    ("tutar {amount}; sıfırdan büyük olmalı", "amount {amount} must be above zero"),
    lambda detail, _: detail.amount is None or compare_numbers(detail.amount, gt, 0),
    _AMOUNT_FIX,
)
_det(
    "B R",
    "DET-12",
    "amount",
    ("tutar {amount}; negatif olamaz", "amount {amount} must not be negative"),
    lambda detail, _: compare_numbers(detail.amount, ge, 0),
    _REBUILD,
)
_det(
    "Y K B R",
    "DET-17",
    "dc",
    ("borç/alacak göstergesi (debitCreditCode) yok", "debitCreditCode is missing"),
    lambda detail, _: detail.dc is not None,
)
_det(
    "Y K",
    "DET-18",
    "posting_date",
    ("yevmiye tarihi (postingDate) yok", "postingDate is missing"),
    lambda detail, _: detail.posting_date is not None,
)
_det(
    "Y",
    "DET-19",
    "posting_date",
    (
        "satırın tarihi {posting_date}, maddenin kayıt tarihi {entered_date}; aynı olmalı",
        "the line is dated {posting_date}, its entry {entered_date}; they must be the same",
    ),
    lambda detail, _: (
        detail.posting_date is None
        or detail.header.entered_date is None
        or equal(detail.posting_date, detail.header.entered_date)
    ),
)
_det(
    "K",
    "DET-19",
    "posting_date",
    (
        "yevmiye tarihi {posting_date}, dönemin ({starts} – {ends}) dışında",
        "posting date {posting_date} is outside the period ({starts} – {ends})",
    ),
    _in_period,
)
_det(
    "Y",
    "DET-26",
    "document_reference",
    (
        "belge referansı “{document_reference}”, fiş numarasıyla “{entry_number}” aynı olmalı",
        "documentReference “{document_reference}” must equal the voucher number “{entry_number}”",
    ),
    lambda detail, _: (
        detail.document_reference is None
        or detail.header.entry_number is None
        or equal(detail.document_reference, detail.header.entry_number)
    ),
)
_det(
    "Y",
    "DET-27",
    "payment_method",
    (
        "ödeme yöntemi boş; bilinmiyorsa hiç yazılmaz",
        "paymentMethod is blank; leave it out when it is unknown",
    ),
    lambda detail, _: detail.payment_method is None or ns(detail.payment_method) != "",
)
_det(
    _BOOKS,
    "DET-28",
    "gl-bus:measurable",
    ("satırda birden çok ölçüm (measurable) var", "the line has several measurable"),
    lambda detail, _: len(detail.measurables) < 2,
)
_det(
    _LINES,
    "DET-29",
    "amount",
    (
        "tutar “{amount}”; işaretsiz ve en çok 2 ondalıkla, noktayla yazılmalı",
        "amount is “{amount}”; it is written unsigned, with a dot and at most 2 decimals",
    ),
    lambda detail, _: AMOUNT.fullmatch(ns(detail.amount)) is not None,
    _AMOUNT_FIX,
)
_det(
    "B R",
    "DET-30",
    "gl-cor:xbrlInclude",
    ("xbrlInclude yok", "xbrlInclude is missing"),
    lambda detail, _: detail.xbrl_include is not None,
    _REBUILD,
)
_det(
    "R",
    "DET-31",
    "apply_to_number",
    ("işlem sayısı (documentApplyToNumber) yok", "documentApplyToNumber is missing"),
    lambda detail, _: detail.apply_to_number is not None,
    _REBUILD,
)
_det(
    "R",
    "DET-32",
    "apply_to_number",
    (
        "işlem sayısı “{apply_to_number}”; yalnız rakam olmalı",
        "documentApplyToNumber is “{apply_to_number}”; it must be digits",
    ),
    lambda detail, _: (
        detail.apply_to_number is None
        or (string(detail.apply_to_number).isascii() and string(detail.apply_to_number).isdigit())
    ),
    _REBUILD,
)


def _pairs(detail: Detail, sides: tuple[str, ...]) -> int:
    totals = detail.header.totals
    return totals.lines(detail.main, frozenset(sides)) if isinstance(totals, ReportTotals) else 0


_det(
    "R",
    "DET-33",
    "main",
    (
        "{main} hesabının {dc} satırı birden çok",
        "account {main} has several {dc} lines",
    ),
    lambda detail, _: _pairs(detail, each(detail.dc)) == 1,
    _REBUILD,
)
for _name, _side, _word in (("DET-34", "D", "borç"), ("DET-35", "C", "alacak")):
    _det(
        "R",
        _name,
        "main",
        (
            f"{{main}} hesabının {_word} satırı yok ya da birden çok",
            f"account {{main}} lacks its {_side} line, or has several",
        ),
        lambda detail, _, side=_side: equal(detail.dc, side) or _pairs(detail, (side,)) == 1,
        _REBUILD,
    )
