"""XPath semantics the official rules depend on (rules.md §2)."""

import math
from operator import eq, ge, gt

import pytest

from edefter.validation.sums import Sum
from edefter.validation.xpath import (
    Abort,
    at_least,
    compare_numbers,
    decimal,
    double,
    equal,
    lenient_number,
    ns,
    number_text,
    string,
)


def test_normalize_space_knows_four_blanks_only():
    assert ns(" a \t\r\n b ") == "a b"
    assert ns("\u00a0a") == "\u00a0a"
    assert ns(None) == ""


def test_comparisons_are_existential_and_false_on_nothing():
    assert equal(("a", "b"), "b") and not equal(None, None) and not equal((), "a")
    assert at_least(("2026-01-01", "2026-03-01"), "2026-02-01")
    assert not at_least(None, "a")
    assert at_least("2026-01-31T10:00:00", "2026-01-31")


def test_functions_abort_on_two_items():
    for function in (ns, string, lenient_number):
        with pytest.raises(Abort):
            function(("a", "b"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("+3", 3), (" 1e0 ", 1), (".5", 0.5), ("5.", 5), ("1e400", math.inf)),
        *(("INF", math.inf), ("-INF", -math.inf), ("+INF", math.inf), ("\tINF ", math.inf)),
    ],
)
def test_numbers_follow_xpath(text, value):
    assert double(text) == value


@pytest.mark.parametrize(
    "text", ["", "1_0", "infinity", "1,5", "１２", "0x1", "1 0", "inf", "nan", "INF ", "+NaN"]
)
def test_what_is_no_number_aborts(text):
    with pytest.raises(Abort):
        double(text)
    assert math.isnan(lenient_number(text))


@pytest.mark.parametrize("text", ["1e0", "INF", "NaN", "", "1" * 5000])
def test_decimals_have_no_exponent(text):
    with pytest.raises(Abort):
        decimal(text)


def test_items_are_read_until_one_fits():
    assert compare_numbers(("0", "1"), eq, 1) and compare_numbers(("1", "x"), eq, 1)
    with pytest.raises(Abort):
        compare_numbers(("x", "1"), eq, 1)
    assert not compare_numbers((), eq, 1) and not compare_numbers(None, ge, 0)


@pytest.mark.parametrize("zero", ["-0.00", "-.0", "-0e5", " -0.0 ", "-1e-400", "-" + "0" * 16])
def test_negative_zero_is_below_zero(zero):
    """Measured: Saxon sorts the doubles of texts, so -0.00 >= 0 is false."""
    assert not compare_numbers(zero, ge, 0) and not compare_numbers(zero, eq, 0)


@pytest.mark.parametrize("zero", ["0", "+0", "-0", " -000 ", "-" + "0" * 15, "0.00", "+0.0"])
def test_other_zeros_are_zero(zero):
    assert compare_numbers(zero, ge, 0) and compare_numbers(zero, eq, 0)
    assert not compare_numbers(zero, gt, 0)


def test_nan_is_above_all_numbers_and_equal_to_none():
    assert compare_numbers("NaN", gt, 1e308) and compare_numbers("NaN", ge, 0)
    assert not compare_numbers("NaN", eq, 0) and not compare_numbers("NaN", eq, math.nan)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((202601.0, "202601"), (99901.0, "99901"), (12.5, "12.5"), (-12.5, "-12.5"), (0.0, "0")),
        *((math.nan, "NaN"), (math.inf, "INF"), (-math.inf, "-INF"), (1e-5, "0.00001")),
        *((1e6, "1.0E6"), (999999.9, "999999.9"), (1e105, "1.0E105"), (-1.25e-7, "-1.25E-7")),
    ],
)
def test_numbers_are_printed_as_xpath_does(value, text):
    assert number_text(value) == text


def test_sum_is_exact_for_every_decimal_form():
    total = Sum()
    for text in ("0.10", "0.20", "0.3", " 5 ", "-1.00", "12345678901234567.89"):
        total.add(text)
    assert total.exact == decimal("12345678901234572.49")
    total.add(("1.00", "2.00"))
    assert total.cents == 1234567890123457549
    total.add("")
    with pytest.raises(Abort):
        _ = total.exact
    assert total.text == "?"
