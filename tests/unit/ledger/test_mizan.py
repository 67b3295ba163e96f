"""The trial balance adds up what the vouchers say."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from edefter.ledger.mizan import mizan
from edefter.model.journal import JournalBatch, Voucher
from edefter.model.money import to_kurus
from tests.support.random_books import months
from tests.unit.ledger.factory import line, voucher


@settings(max_examples=60, deadline=None)
@given(books=months(("100", "120.01", "120.02", "1200", "320.1")), size=st.integers(1, 5))
def test_accounts_and_sums(books: list[Voucher], size: int) -> None:
    batches = [
        JournalBatch.from_vouchers(books[at : at + size]) for at in range(0, len(books), size)
    ]
    found = mizan(batches)
    mains: Counter[tuple[str, str]] = Counter()
    subs: Counter[tuple[str, str]] = Counter()
    for each in (row for one in books for row in one.lines):
        mains[each.main_account, each.dc] += to_kurus(each.amount)
        if each.sub_account:
            subs[each.sub_account, each.dc] += to_kurus(each.amount)
    for level, sums in ((1, mains), (2, subs)):
        rows = [row for row in found.rows if row.level == level]
        assert {row.account for row in rows} == {account for account, _ in sums}
        for row in rows:
            expected = sums[row.account, "D"], sums[row.account, "C"]
            assert (row.debit_kurus, row.credit_kurus) == expected
            net = expected[0] - expected[1]
            assert (row.debit_balance_kurus, row.credit_balance_kurus) == (
                max(net, 0),
                max(-net, 0),
            )
    codes = [row.account for row in found.mains]
    assert codes == sorted(codes)
    assert found.totals.debit_kurus == sum(n for (_, side), n in mains.items() if side == "D")
    assert found.balances and found.totals.entries == len(books)


def test_sub_accounts_stand_below_their_main_account() -> None:
    books = [
        voucher(1, line(1, "320.5", "7.00", "C"), line(2, "120.02", "7.00", "D")),
        voucher(2, line(3, "120.01", "1.00", "D"), line(4, "100", "2.00", "C")),
    ]
    found = mizan([JournalBatch.from_vouchers(books)])
    assert [(row.level, row.account) for row in found.rows] == [
        (1, "100"), (1, "120"), (2, "120.01"), (2, "120.02"), (1, "320"), (2, "320.5"),
    ]  # fmt: skip
    assert not found.balances


def test_nothing_gives_nothing() -> None:
    assert mizan([]).rows == () and mizan([]).balances
