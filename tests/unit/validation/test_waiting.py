"""The multiset of awaited numbers behaves like a dictionary, whatever its size."""

import random

import pytest

from edefter.validation.judging import waiting
from edefter.validation.judging.waiting import Waiting
from edefter.validation.records import Record


class Plain:
    """The same with a dictionary."""

    def __init__(self):
        self.counts = {}

    def add(self, number):
        self.counts[number] = self.counts.get(number, 0) + 1

    def discard(self, number):
        self.counts.pop(number, None)

    def discard_range(self, first, last):
        for number in [n for n in self.counts if first <= n <= last and n == int(n)]:
            del self.counts[number]


@pytest.mark.parametrize("seed", range(20))
def test_like_a_dictionary(seed, monkeypatch):
    monkeypatch.setattr(waiting, "_RECENT", 15)
    monkeypatch.setattr(waiting, "_KEPT_RECORDS", 5)
    dice = random.Random(seed)
    ours, plain = Waiting(), Plain()
    for _ in range(600):
        number = dice.choice((dice.randrange(80), dice.randrange(80) + 0.5, -1.0))
        what = dice.randrange(10)
        if what < 6:
            ours.add(float(number), Record())
            plain.add(float(number))
        elif what < 9:
            ours.discard(float(number))
            plain.discard(float(number))
        else:
            last = int(number) + dice.randrange(30)
            ours.discard_range(int(number), last)
            plain.discard_range(int(number), last)
        assert bool(ours) == bool(plain.counts)
    assert {number: count for number, count, _ in ours.items()} == plain.counts
    assert len(list(ours.items())) == len(plain.counts)
    assert sum(record is not None for *_, record in ours.items()) <= 5


def test_a_million_misnumbered_lines_stay_small():
    ours, record = Waiting(), Record()
    for number in range(2_000_000, 0, -4):
        ours.add(float(number), record)
    assert len(ours._numbers) + len(ours._recent) == 500_000
    assert len(ours._recent) <= waiting._RECENT
    assert len(ours._records) == 200
