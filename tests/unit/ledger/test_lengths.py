"""How long a line will be is known before it is rendered, to the byte but for the sums."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edefter.ledger.algebra import Lengths
from edefter.ledger.entries import with_borders, with_sums
from edefter.ledger.render import Renderer
from edefter.ledger.stage import Stage, prepare
from edefter.ledger.totals import voucher_starts
from edefter.model.company import Branch
from edefter.model.documents import Kind
from edefter.model.journal import JournalBatch, Voucher
from tests.unit.ledger.factory import line, voucher
from tests.unit.ledger.test_properties import MAYBE, TEXT

BRANCH = Branch(number="0042", name="Kadıköy <Şubesi>")
DAY = st.dates(date(2000, 1, 1), date(2099, 12, 31))
DECIMAL = st.decimals(0, 10**6, places=4).map(str)


@st.composite
def vouchers(draw: st.DrawFn) -> list[Voucher]:
    """Balanced or not, with every optional column there or missing."""
    made = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        lines = [
            line(
                number * 100 + index,
                draw(st.sampled_from(["100", "120.01", "60<.&"])),
                str(draw(st.decimals("0.01", "90000000000000.00", places=2))),
                draw(st.sampled_from("DC")),
                main_description=draw(TEXT),
                line_comment=draw(MAYBE),
                document_type=draw(st.sampled_from([None, "invoice", "other"])),
                document_type_description=draw(MAYBE),
                document_number=draw(MAYBE),
                document_reference=draw(MAYBE),
                document_date=draw(st.none() | DAY),
                payment_method=draw(MAYBE),
                amount_currency=draw(st.sampled_from([None, "TRY"])),
                original_rate_date=draw(st.none() | DAY),
                original_amount=draw(st.none() | DECIMAL),
                original_currency=draw(st.sampled_from([None, "USD"])),
                original_rate=draw(st.none() | DECIMAL),
                original_rate_source=draw(MAYBE),
                original_rate_comment=draw(MAYBE),
                fund_quantity=draw(st.none() | DECIMAL),
                fund_unit_cost=draw(st.none() | DECIMAL),
            )
            for index in range(draw(st.integers(1, 3)))
        ]
        made.append(voucher(number, *lines, entry_comment=draw(MAYBE), batch_id=draw(MAYBE), day=5))
    return made


def rows_of(books: list[Voucher], folder: Path) -> pl.DataFrame:
    stage = Stage(folder)
    stage.add(prepare(JournalBatch.from_vouchers(books).frame))
    (frame,) = stage.in_order()
    return with_sums(with_borders(frame, voucher_starts(frame)))


@settings(max_examples=60, deadline=None)
@given(vouchers())
def test_the_length_of_each_row_of_the_yevmiye(books: list[Voucher]) -> None:
    renderer = Renderer(Kind.Y, "TRY", None)
    with tempfile.TemporaryDirectory() as folder:
        rows = rows_of(books, Path(folder))
    lengths = renderer.entry_lengths(rows)
    for index, row in enumerate(rows.iter_slices(1)):
        sums = [row["total_debit"][0], row["total_credit"][0]] if row["start"][0] else []
        written = [f"{each // 100}.{each % 100:02d}" for each in sums]
        slack = sum(Lengths.LONGEST_SUM - len(text) for text in written)
        assert lengths[index] - len(renderer.entries(row)) == slack


@settings(max_examples=30, deadline=None)
@given(vouchers())
def test_a_line_is_no_longer_in_the_kebir(books: list[Voucher]) -> None:
    """So the lengths of the yevmiye bound both books, with one header for each account."""
    with tempfile.TemporaryDirectory() as folder:
        rows = rows_of(books, Path(folder))
    bound = Renderer(Kind.Y, "TRY", None).entry_lengths(rows).sum()
    alone = rows.with_columns(start=pl.lit(True), first=pl.lit(False))
    kebir = Renderer(Kind.K, "TRY", None)
    assert len(kebir.kebir(alone)) <= bound + kebir.kebir_header_length() * rows.height


@pytest.mark.parametrize("branch", [None, BRANCH])
def test_the_header_of_an_account(branch: Branch | None, tmp_path: Path) -> None:
    rows = rows_of([voucher(1, line(1, "100", "5.00", "D"))], tmp_path)
    renderer = Renderer(Kind.K, "TRY", branch)
    sums = pl.lit(-(2**63) + 1, dtype=pl.Int64)
    one = rows.with_columns(first=pl.lit(False), total_debit=sums, total_credit=sums)
    with_header, without = (
        len(renderer.kebir(one.with_columns(start=pl.lit(start)))) for start in (True, False)
    )
    assert renderer.kebir_header_length() == with_header - without
