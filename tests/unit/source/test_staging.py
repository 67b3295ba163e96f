from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edefter.model.finding import FindingLog
from edefter.model.journal import BATCH_SCHEMA
from edefter.source.port import OutOfOrder
from edefter.source.staging import Staging, as_they_come, cut

Row = tuple[str, int, int | None, int | None]  # key, day, entry number, line number


def frame(rows: list[Row], first_row: int = 1) -> pl.DataFrame:
    values = [
        {
            "entry_key": key,
            "entered_date": date(2026, 1, day),
            "entry_no": number,
            "line_no": line,
            "source_row": index,
        }
        for index, (key, day, number, line) in enumerate(rows, first_row)
    ]
    return pl.DataFrame(values, schema=BATCH_SCHEMA, orient="row")


def staged(
    rows: list[Row], lines: int = 100, piece: int = 2, *, by_number: bool = False
) -> tuple[list[list[int]], FindingLog]:
    findings = FindingLog()
    with Staging("muhasebe", findings, by_number=by_number) as staging:
        for start in range(0, len(rows), piece):
            staging.add(frame(rows[start : start + piece], start + 1))
        batches = [batch.frame["source_row"].to_list() for batch in staging.batches(lines)]
    return batches, findings


def test_rows_in_order_stay_as_they_came() -> None:
    rows: list[Row] = [("b", 1, 1, 1), ("b", 1, 1, 2), ("a", 1, 2, 3), ("c", 2, 3, 4)]
    assert staged(rows)[0] == [[1, 2, 3, 4]]


def test_without_numbers_the_order_of_the_source_holds_within_a_day() -> None:
    rows: list[Row] = [("z", 1, None, None), ("a", 1, None, None), ("m", 2, None, None)]
    assert staged(rows)[0] == [[1, 2, 3]]


def test_out_of_order_rows_are_sorted_by_date_entry_and_line() -> None:
    rows: list[Row] = [
        ("c", 3, 3, 5), ("b", 1, 2, 3), ("b", 1, 2, 4), ("a", 1, 1, 2), ("a", 1, 1, 1),
    ]  # fmt: skip
    assert staged(rows)[0] == [[5, 4, 2, 3, 1]]


def test_numbers_that_are_kept_give_the_order_against_the_dates() -> None:
    rows: list[Row] = [("b", 2, 2, 3), ("a", 5, 1, 1), ("a", 5, 1, 2), ("c", 9, 3, 4)]
    assert staged(rows)[0] == [[1, 2, 3, 4]]
    assert staged(rows, by_number=True)[0] == [[2, 3, 1, 4]]
    assert staged([*rows, ("d", 1, None, None)], by_number=True)[0] == [[5, 1, 2, 3, 4]]


def test_a_voucher_in_two_places_is_put_together() -> None:
    rows: list[Row] = [("a", 1, None, None), ("b", 1, None, None), ("a", 1, None, None)]
    assert staged(rows)[0] == [[1, 3, 2]]


def test_batches_end_at_voucher_borders() -> None:
    rows: list[Row] = [
        ("a", 1, 1, 1), ("a", 1, 1, 2), ("a", 1, 1, 3),
        ("b", 1, 2, 4), ("b", 1, 2, 5), ("c", 1, 3, 6), ("d", 1, 4, 7),
    ]  # fmt: skip
    assert staged(rows, lines=2)[0] == [[1, 2, 3], [4, 5], [6, 7]]


def test_lines_of_a_voucher_that_disagree_about_its_head() -> None:
    rows: list[Row] = [("a", 1, 1, 1), ("a", 1, 2, 2), ("a", 2, 1, 3)]
    _, findings = staged(rows)
    assert [(f.rule, f.place.row, f.place.field) for f in findings] == [
        ("SRC-11", 3, "entered_date"),
        ("SRC-10", 2, "entry_no"),
    ]


def test_nothing_gives_nothing() -> None:
    assert staged([])[0] == []


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=12),
    st.integers(2, 6),
    st.integers(1, 7),
)
def test_cutting_keeps_every_row_and_every_voucher_whole(
    sizes: list[int], lines: int, piece: int
) -> None:
    rows: list[Row] = [(f"v{v}", 1, v, None) for v, size in enumerate(sizes) for _ in range(size)]
    whole = frame(rows)
    pieces: Iterator[pl.DataFrame] = whole.iter_slices(piece)
    made = list(cut(pieces, lines))
    assert pl.concat(made).equals(whole)
    assert all(x["entry_key"][-1] != y["entry_key"][0] for x, y in pairwise(made))
    for each in made:
        assert each.height <= lines or each["entry_key"].n_unique() == 1


def as_read(
    rows: list[Row], lines: int = 100, piece: int = 2, *, by_number: bool = False
) -> tuple[list[list[int]], FindingLog]:
    findings = FindingLog()
    frames = (frame(rows[at : at + piece], at + 1) for at in range(0, len(rows), piece))
    batches = as_they_come(frames, lines, source="m", findings=findings, by_number=by_number)
    return [batch.frame["source_row"].to_list() for batch in batches], findings


ROWS = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.integers(1, 3),
        st.one_of(st.none(), st.integers(1, 3)),
        st.one_of(st.none(), st.integers(1, 4)),
    ),
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(rows=ROWS, lines=st.integers(2, 6), by_number=st.booleans())
def test_reading_as_they_come_gives_the_same_or_nothing(
    rows: list[Row], lines: int, by_number: bool
) -> None:
    """Either the very batches that keeping and sorting gives, or the word that it must be so."""
    kept, findings = staged(rows, lines, by_number=by_number)
    try:
        read, others = as_read(rows, lines, by_number=by_number)
    except OutOfOrder:
        return
    assert read == kept
    assert findings.counts == others.counts


@pytest.mark.parametrize(
    "rows",
    [
        [("a", 2, None, None), ("b", 1, None, None)],
        [("a", 1, 2, 1), ("b", 1, 1, 2)],
        [("a", 1, None, None), ("b", 1, None, None), ("a", 1, None, None)],
    ],
)
def test_rows_that_must_be_sorted_are_told(rows: list[Row]) -> None:
    with pytest.raises(OutOfOrder):
        as_read(rows)


def test_rows_in_order_are_not_kept() -> None:
    rows: list[Row] = [("b", 1, 1, 1), ("b", 1, 1, 2), ("a", 1, 2, 3), ("c", 2, 3, 4)]
    assert as_read(rows)[0] == [[1, 2, 3, 4]]
