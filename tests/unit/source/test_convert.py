from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edefter.model.finding import FindingLog, Layer
from edefter.model.journal import BATCH_SCHEMA
from edefter.model.money import kurus_text
from edefter.source.convert import Converter

GOOD = {
    "entry_key": "7",
    "entered_by": "İ. Ş.",
    "entered_date": "2026-01-31",
    "entry_number": "F7",
    "main_account": "100",
    "main_description": "KASA",
    "amount": "12.50",
    "dc": "D",
}


def converted(**changes: str | None) -> tuple[dict[str, object], FindingLog]:
    findings = FindingLog()
    raw = pl.DataFrame(
        {name: pl.Series([value], dtype=pl.String) for name, value in {**GOOD, **changes}.items()}
    ).with_columns(pl.lit(4).alias("source_row"))
    frame = Converter("muhasebe", findings).convert(raw)
    assert frame.schema == BATCH_SCHEMA
    return frame.row(0, named=True), findings


def test_columns_that_the_source_leaves_out_are_null() -> None:
    row, findings = converted()
    assert not findings.total
    assert row["sub_account"] is None
    assert row["line_no"] is None
    assert (row["amount"], row["entered_date"], row["source_row"]) == (
        1250,
        date(2026, 1, 31),
        4,
    )


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("amount", "1000", 100_000),
        ("amount", " 0.5 ", 50),
        ("amount", "7.5000", 750),
        ("amount", "7.", 700),
        ("amount", "-3.01", -301),
        ("amount", "+3.01", 301),
        ("amount", "999999999999999.99", 99_999_999_999_999_999),
        ("entered_date", "2024-02-29 00:00:00", date(2024, 2, 29)),
        ("entered_date", "2024-02-29T23:59:59.999+03:00", date(2024, 2, 29)),
        ("entry_no", "12.0", 12),
        ("line_no", "0012", 12),
        ("original_rate", "43.1250", "43.1250"),
        ("fund_quantity", "+5", "5"),
        ("dc", " C", "C"),
        ("main_account", "120 ", "120"),
        ("original_currency", "USD ", "USD"),
        ("entry_comment", " aynen kalır ", " aynen kalır "),
        ("entry_comment", "  ", None),
        ("line_comment", "", None),
    ],
)
def test_values_that_can_be_read(name: str, text: str, value: object) -> None:
    row, findings = converted(**{name: text})
    assert not findings.total
    assert row[name] == value


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("amount", "1.234,56", "SRC-06"),
        ("amount", "1,5", "SRC-06"),
        ("amount", "on", "SRC-06"),
        ("amount", "1e16", "SRC-06"),
        ("amount", "NaN", "SRC-06"),
        ("amount", "1234567890123456", "SRC-06"),
        ("amount", "0.30000000000000004", "SRC-07"),
        ("amount", "1.005", "SRC-07"),
        ("original_amount", "1.005", "SRC-07"),
        ("original_amount", "1,00", "SRC-08"),
        ("original_rate", "kırk", "SRC-08"),
        ("entered_date", "31.01.2026", "SRC-04"),
        ("entered_date", "2026-02-30", "SRC-04"),
        ("document_date", "2026-13-01", "SRC-04"),
        ("posting_date", "٢٠٢٦-٠١-٠١", "SRC-04"),
        ("entry_no", "-1", "SRC-05"),
        ("line_no", "1.5", "SRC-05"),
        ("line_no", "12345678901234567890", "SRC-05"),
        ("dc", "B", "SRC-09"),
        ("dc", "d", "SRC-09"),
        ("amount_currency", "TL", "SRC-14"),
        ("entered_by", None, "SRC-03"),
        ("main_description", " ", "SRC-03"),
        ("amount", None, "SRC-03"),
    ],
)
def test_a_value_that_cannot_be_read_is_null_and_one_finding(
    name: str, text: str | None, rule: str
) -> None:
    row, findings = converted(**{name: text})
    assert row[name] is None or (rule == "SRC-07" and name == "original_amount")
    (found,) = findings
    assert (found.rule, found.layer) == (rule, Layer.SOURCE)
    place = found.place
    assert (place.file, place.row, place.voucher, place.field) == ("muhasebe", 4, "F7", name)
    assert found.value == ((text or "").strip() and text)
    for sentence in (found.message_tr, found.message_en, found.remedy_tr, found.remedy_en):
        assert sentence
        assert "{" not in sentence


def test_a_column_that_is_needed_and_not_there() -> None:
    findings = FindingLog()
    raw = pl.DataFrame({"entry_key": ["1", "2"], "source_row": [1, 2]})
    Converter("muhasebe", findings).convert(raw)
    assert findings.counts["SRC-03"] == 2 * 6


@given(st.integers(-(10**17) + 1, 10**17 - 1))
def test_every_amount_survives(kurus: int) -> None:
    row, findings = converted(amount=kurus_text(kurus))
    assert row["amount"] == kurus
    assert not findings.total


@given(st.floats(0.01, 1e9).map(lambda value: round(value, 2)))
def test_a_float_of_two_places_is_exact_by_its_shortest_decimal(value: float) -> None:
    row, findings = converted(amount=repr(value))
    assert not findings.total
    assert row["amount"] == round(value * 100)
