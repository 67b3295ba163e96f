"""Months of a company at random, for hypothesis."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from edefter.model.journal import Voucher
from tests.unit.ledger.factory import line, voucher


@st.composite
def months(
    draw: st.DrawFn, codes: Sequence[str] = ("100", "120.01", "120.02", "320", "600.1")
) -> list[Voucher]:
    """Balanced vouchers in date order, some days empty, some with several."""
    made, day, number = [], 1, 0
    for entry in range(1, draw(st.integers(2, 12)) + 1):
        day = draw(st.integers(day, min(31, day + 6)))
        kurus = draw(st.lists(st.integers(1, 10**9), min_size=1, max_size=3))
        accounts = draw(st.lists(
            st.sampled_from(codes),
            min_size=len(kurus) + 1, max_size=len(kurus) + 1,
        ))  # fmt: skip
        sides = [*(("D", each) for each in kurus), ("C", sum(kurus))]
        lines = []
        for account, (side, each) in zip(accounts, sides, strict=True):
            number += 1
            comment = "ş" * draw(st.integers(0, 300)) or None
            text = f"{each // 100}.{each % 100:02d}"
            lines.append(line(number, account, text, side, line_comment=comment))
        made.append(voucher(entry, *lines, day=day))
    return made
