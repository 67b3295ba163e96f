"""HDR: entryHeader of every family, with what its lines add up to."""

from __future__ import annotations

from fractions import Fraction
from operator import eq, ge

from edefter.validation.records import Header
from edefter.validation.rule import Context, Predicate, Table, violated
from edefter.validation.rules.gathered import KebirTotals, ReportTotals, TaxTotals
from edefter.validation.xpath import (
    AMOUNT,
    Value,
    as_double,
    at_least,
    compare_numbers,
    equal,
    ns,
    number,
)

TABLE = Table(Context.HEADER)
_VOUCHER = (
    "Fişi muhasebe programında düzeltip defteri yeniden oluşturun.",
    "Correct the voucher in the accounting program and build the ledger again.",
)
_REBUILD = (
    "Defteri e-Defter yazılımıyla yeniden oluşturun.",
    "Build the ledger again with the e-Defter software.",
)
_BALANCE = (
    "Fişin borç ve alacak satırlarını muhasebe programında denkleştirip defteri yeniden oluşturun.",
    "Balance the debit and credit lines of the voucher in the accounting program and build the "
    "ledger again.",
)
_BERAT = (
    "Beratı defterden yeniden oluşturun.",
    "Build the berat again from its ledger.",
)


def _hdr(
    families: str,
    name: str,
    field: str,
    texts: tuple[str, str],
    holds: Predicate,
    fix: tuple[str, str] = _VOUCHER,
    context: Context = Context.HEADER,
) -> None:
    TABLE.add(families, name, field, (*texts, *fix), holds, context=context)


def _sum_is(total: Value, exact: Fraction) -> bool:
    return compare_numbers(total, eq, as_double(exact))


def _is_amount(value: Value) -> bool:
    return AMOUNT.fullmatch(ns(value)) is not None


# Y and E ------------------------------------------------------------------------------------
_hdr(
    "Y E",
    "HDR-01",
    "counter",
    (
        "{value} numaralı maddeden sonra {next} numaralı madde yok; madde numaraları müteselsil "
        "olmalı",
        "no entry {next} follows entry {value}; entry numbers must be consecutive",
    ),
    violated,
    (
        "Eksik maddeyi bulun; madde numaralarını sırayla vererek defteri yeniden oluşturun.",
        "Find the missing entry; number the entries in sequence and build the ledger again.",
    ),
    Context.COUNTER_STEP,
)
_hdr(
    "Y E",
    "HDR-02",
    "entered_date",
    (
        "kayıt tarihi {value}, sonraki bütün maddelerin tarihinden ileride; kayıtlar tarih "
        "sırasında olmalı",
        "entry date {value} is after the dates of all later entries; entries must be in date order",
    ),
    violated,
    (
        "Fişleri tarih sırasına koyup madde numaralarını yeniden vererek defteri oluşturun.",
        "Put the vouchers in date order, number the entries again and build the ledger.",
    ),
    Context.DATE_STEP,
)
_hdr(
    "Y E",
    "HDR-03",
    "entered_by",
    ("kaydı giren kişi (enteredBy) yok", "enteredBy is missing"),
    lambda header, _: header.entered_by is not None,
)
_hdr(
    "Y E",
    "HDR-04",
    "entered_by",
    (
        "kaydı giren “{entered_by}”; en az 2 karakter olmalı",
        "enteredBy is “{entered_by}”; it needs at least 2 characters",
    ),
    lambda header, _: header.entered_by is None or len(ns(header.entered_by)) >= 2,
)
_hdr(
    "Y E",
    "HDR-05",
    "entered_date",
    ("kayıt tarihi (enteredDate) yok", "enteredDate is missing"),
    lambda header, _: header.entered_date is not None,
)
_hdr(
    "Y E",
    "HDR-06",
    "entered_date",
    (
        "kayıt tarihi {entered_date}, dönemin ({starts} – {ends}) dışında",
        "entry date {entered_date} is outside the period ({starts} – {ends})",
    ),
    lambda header, document: (
        header.entered_date is None
        or (
            at_least(header.entered_date, document.starts)
            and at_least(document.ends, header.entered_date)
        )
    ),
    (
        "Fişin tarihini düzeltin ya da fişi kendi döneminin defterine alın; tarih saatsiz yazılır.",
        "Correct the voucher's date or move it to its own period; dates are written without time.",
    ),
)
for _name, _field, _tr, _en in (
    ("HDR-07", "total_debit", "borç toplamı (totalDebit)", "totalDebit"),
    ("HDR-08", "total_credit", "alacak toplamı (totalCredit)", "totalCredit"),
):
    _hdr(
        "Y",
        _name,
        _field,
        (f"maddenin {_tr} yok", f"{_en} of the entry is missing"),
        lambda header, _, attribute=_field: getattr(header, attribute) is not None,
        _REBUILD,
    )
_hdr(
    "Y E",
    "HDR-09",
    "counter",
    ("madde numarası (entryNumberCounter) yok", "entryNumberCounter is missing"),
    lambda header, _: header.counter is not None,
    _REBUILD,
)
_hdr(
    "Y",
    "HDR-10",
    "gl-cor:entryDetail",
    (
        "maddede {detail_count} satır var; en az 2 olmalı",
        "the entry has {detail_count} lines; at least 2 are needed",
    ),
    lambda header, _: header.detail_count >= 2,
)
_hdr(
    "E",
    "HDR-10",
    "gl-cor:entryDetail",
    ("maddede satır yok", "the entry has no line"),
    lambda header, _: header.detail_count >= 1,
)
_hdr(
    "Y",
    "HDR-11",
    "total_debit",
    (
        "borç toplamı {total_debit}, alacak toplamı {total_credit}; aynı yazılmalı",
        "total debit is {total_debit}, total credit {total_credit}; they must be written alike",
    ),
    lambda header, _: equal(header.total_debit, header.total_credit),
    _BALANCE,
)
_hdr(
    "Y",
    "HDR-12",
    "total_debit",
    (
        "borç toplamı {total_debit}, borç satırlarının toplamı {debit_text}",
        "total debit is {total_debit}, the debit lines add up to {debit_text}",
    ),
    lambda header, _: _sum_is(header.total_debit, header.debit.exact),
    _BALANCE,
)
_hdr(
    "Y",
    "HDR-13",
    "total_credit",
    (
        "alacak toplamı {total_credit}, alacak satırlarının toplamı {credit_text}",
        "total credit is {total_credit}, the credit lines add up to {credit_text}",
    ),
    lambda header, _: _sum_is(header.total_credit, header.credit.exact),
    _BALANCE,
)
for _families, _name, _field, _tr, _en in (
    ("Y", "HDR-14", "total_debit", "borç toplamı", "total debit"),
    ("Y", "HDR-15", "total_credit", "alacak toplamı", "total credit"),
    ("K", "HDR-10", "total_debit", "borç bakiyesi", "debit balance"),
    ("K", "HDR-11", "total_credit", "alacak bakiyesi", "credit balance"),
):
    _hdr(
        _families,
        _name,
        _field,
        (
            f"{_tr} “{{{_field}}}”; işaretsiz ve en çok 2 ondalıkla, noktayla yazılmalı",
            f"{_en} is “{{{_field}}}”; it is written unsigned, with a dot and at most 2 decimals",
        ),
        lambda header, _, attribute=_field: _is_amount(getattr(header, attribute)),
        _REBUILD,
    )


# K ------------------------------------------------------------------------------------------
def _kebir(header: Header) -> KebirTotals:
    return header.totals if isinstance(header.totals, KebirTotals) else KebirTotals()


def _net_fits(header: Header, _: object) -> bool:
    # The engine adds the lines up only when there is a balance to compare with.
    if header.total_debit is None or header.total_credit is None:
        return False
    left = number(header.total_debit) - number(header.total_credit)
    return left == as_double(header.debit.exact - header.credit.exact)


for _name, _field, _tr, _en in (
    ("HDR-01", "total_debit", "borç bakiyesi (totalDebit)", "totalDebit"),
    ("HDR-02", "total_credit", "alacak bakiyesi (totalCredit)", "totalCredit"),
):
    _hdr(
        "K",
        _name,
        _field,
        (f"hesabın {_tr} yok", f"{_en} of the account is missing"),
        lambda header, _, attribute=_field: getattr(header, attribute) is not None,
        _REBUILD,
    )
_hdr(
    "K",
    "HDR-03",
    "gl-cor:entryDetail",
    ("hesabın hiç satırı yok", "the account has no line"),
    lambda header, _: header.detail_count >= 1,
    _REBUILD,
)
for _name, _field, _tr, _en in (
    ("HDR-04", "total_debit", "borç bakiyesi", "debit balance"),
    ("HDR-05", "total_credit", "alacak bakiyesi", "credit balance"),
):
    _hdr(
        "K",
        _name,
        _field,
        (f"{_tr} “{{{_field}}}” negatif olamaz", f"{_en} “{{{_field}}}” must not be negative"),
        lambda header, _, attribute=_field: compare_numbers(getattr(header, attribute), ge, 0),
        _REBUILD,
    )
_hdr(
    "K",
    "HDR-06",
    "total_debit",
    (
        "borç bakiyesi {total_debit}, alacak bakiyesi {total_credit}; biri sıfır olmalı",
        "debit balance {total_debit}, credit balance {total_credit}; one of them must be zero",
    ),
    lambda header, _: (
        compare_numbers(header.total_debit, eq, 0) or compare_numbers(header.total_credit, eq, 0)
    ),
    _REBUILD,
)
_hdr(
    "K",
    "HDR-07",
    "total_debit",
    (
        "bakiye (borç {total_debit}, alacak {total_credit}) satırlarla (borç {debit_text}, "
        "alacak {credit_text}) tutmuyor",
        "the balance (debit {total_debit}, credit {total_credit}) does not fit the lines "
        "(debit {debit_text}, credit {credit_text})",
    ),
    _net_fits,
    _REBUILD,
)
_hdr(
    "K",
    "HDR-08",
    "main",
    (
        "başlıktaki satırlar tek bir ana hesaba ait olmalı",
        "all lines of a header must belong to one main account",
    ),
    lambda header, _: len(_kebir(header).mains) == 1,
    _REBUILD,
)
_hdr(
    "K",
    "HDR-09",
    "sub",
    (
        "başlıktaki satırlar en çok bir alt hesaba ait olmalı",
        "all lines of a header must belong to at most one sub-account",
    ),
    lambda header, _: len(_kebir(header).subs) <= 1,
    _REBUILD,
)


# B and R ------------------------------------------------------------------------------------
def _tax(header: Header) -> TaxTotals:
    return header.totals if isinstance(header.totals, TaxTotals) else TaxTotals()


def _report(header: Header) -> ReportTotals:
    return header.totals if isinstance(header.totals, ReportTotals) else ReportTotals()


_hdr(
    "B R",
    "HDR-01",
    "qualifier",
    ("qualifierEntry yok", "qualifierEntry is missing"),
    lambda header, _: header.qualifier is not None,
    _BERAT,
)
_QUALIFIER = (
    "qualifierEntry “{qualifier}”; standard olmalı",
    "qualifierEntry is “{qualifier}”; it must be standard",
)
_hdr(
    "B",
    "HDR-02",
    "qualifier",
    _QUALIFIER,
    lambda header, _: equal(header.qualifier, "standard"),
    _BERAT,
)
_hdr(
    "R",
    "HDR-02",
    "qualifier",
    _QUALIFIER,
    lambda header, _: header.qualifier is None or equal(header.qualifier, "standard"),
    _BERAT,
)
_hdr(
    "B",
    "HDR-03",
    "gl-cor:entryDetail",
    (
        "vergi detayı {detail_count} satır; tam 10 olmalı",
        "the tax detail has {detail_count} lines; it must have exactly 10",
    ),
    lambda header, _: header.detail_count == 10,
    _BERAT,
)
for _number, (_account, _side) in enumerate(
    ((account, side) for account in (391, 191, 600, 601, 602) for side in "DC"), start=4
):
    _word = "borç (D)" if _side == "D" else "alacak (C)"
    _hdr(
        "B",
        f"HDR-{_number:02d}",
        "main",
        (
            f"vergi detayında {_account} hesabının {_word} satırı tam bir tane olmalı",
            f"the tax detail needs exactly one {_side} line of account {_account}",
        ),
        lambda header, _, account=_account, side=_side: _tax(header).count(account, side) == 1,
        _BERAT,
    )
for _name, _side, _word in (("HDR-03", "D", "borç"), ("HDR-04", "C", "alacak")):
    _hdr(
        "R",
        _name,
        "dc",
        (
            f"{_word} satırı sayısı, hesap sayısına eşit olmalı",
            f"there must be as many {_side} lines as accounts",
        ),
        lambda header, _, side=_side: _report(header).sides[side] == len(_report(header).mains),
        (
            "Defter raporunu büyük defterden yeniden oluşturun.",
            "Build the report again from the kebir.",
        ),
    )
