"""The one-pass trackers give what the quadratic definition gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edefter.validation.judging.order import LaterDates, Successors
from edefter.validation.records import Record
from edefter.validation.xpath import Abort


def steps(tracker, values):
    for value in values:
        tracker.add(value, Record())
    return sorted(step.value for step in tracker.finish() for _ in range(step.count))


def literal_successors(values):
    """HDR-01 and DET-02 word by word."""
    wrong = []
    for index, value in enumerate(values):
        later = [item for item in values[index + 1 :] if item is not None]
        if later and value is not None and not any(int(x) == int(value) + 1 for x in later):
            wrong.append(value)
    return sorted(wrong)


def literal_dates(values):
    """HDR-02 word by word."""
    wrong = []
    for index, value in enumerate(values):
        later = [item for item in values[index + 1 :] if item is not None]
        if later and value is not None and not any(item >= value for item in later):
            wrong.append(value)
    return sorted(wrong)


NUMBERS = st.lists(st.one_of(st.none(), st.integers(0, 6).map(str)), max_size=9)


@given(NUMBERS)
def test_successors_equal_the_literal_rule(values):
    assert steps(Successors(lenient=False), values) == literal_successors(values)
    assert steps(Successors(lenient=True), values) == literal_successors(values)


@given(st.lists(st.one_of(st.none(), st.sampled_from("ABCDE")), max_size=9))
def test_dates_equal_the_literal_rule(values):
    assert steps(LaterDates(), values) == literal_dates(values)


def test_text_that_is_no_number_aborts_only_when_something_is_compared():
    assert steps(Successors(lenient=False), ["üç"]) == []
    with pytest.raises(Abort):
        steps(Successors(lenient=False), ["1", "üç"])
    assert steps(Successors(lenient=True), ["1", "üç", "3"]) == ["1", "?"]


def test_misnumbered_ledger_keeps_few_records():
    tracker = Successors(lenient=False)
    for number in range(0, 4000, 2):
        tracker.add(str(number), Record())
    kept = [step for step in tracker.finish() if step.record is not None]
    assert len(kept) == 200
