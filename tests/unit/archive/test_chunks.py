"""Chunk sizes and waits, with the arithmetic beside the cases."""

from __future__ import annotations

import pytest

from edefter.archive.chunks import MIB, AdaptiveChunk, Budget, BudgetSpent


def chunk_after(outcomes: str, first: int = 8 * MIB) -> int:
    chunk = AdaptiveChunk(first)
    for outcome in outcomes:
        chunk.succeeded() if outcome == "+" else chunk.failed()
    return chunk.size_bytes // MIB


@pytest.mark.parametrize(
    ("outcomes", "mib"),
    [
        ("", 8),
        ("-", 8),  # one failure is no pattern
        ("--", 4),
        ("-+-", 8),  # not in a row
        ("----", 2),
        ("-" * 20, 1),  # never below 1 MiB
        ("+" * 9, 8),
        ("+" * 10, 16),
        ("+" * 9 + "-" + "+" * 9, 8),  # counting starts anew
        ("+" * 100, 64),  # never above 64 MiB
        ("--" + "+" * 10, 8),
    ],
)
def test_halved_after_two_failures_doubled_after_ten_successes(outcomes, mib):
    assert chunk_after(outcomes) == mib


def test_a_chunk_that_was_lost_whole_halves_at_once():
    chunk = AdaptiveChunk(8 * MIB)
    chunk.failed(lost=True)
    assert chunk.size_bytes == 4 * MIB
    chunk.failed()
    assert chunk.size_bytes == 4 * MIB
    for _ in range(4):
        chunk.failed(lost=True)
    assert chunk.size_bytes == MIB == chunk.limits[0]


def test_the_portals_limits_are_kept():
    chunk = AdaptiveChunk(8 * MIB)
    chunk.limit(MIB, 2 * MIB)
    assert chunk.size_bytes == 2 * MIB
    chunk.limit(4 * MIB, 1024 * MIB)
    assert chunk.size_bytes == 4 * MIB
    for _ in range(200):
        chunk.succeeded()
    assert chunk.size_bytes == 64 * MIB


class Clock:
    def __init__(self):
        self.now, self.slept = 0.0, []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def budget(self, limit_s, random=1.0):
        return Budget(limit_s, self.sleep, lambda: self.now, lambda: random)


def test_waits_double_up_to_five_minutes():
    clock = Clock()
    budget = clock.budget(10_000)
    for _ in range(11):
        budget.pause()
    # 1 s · 2^n, capped at 300 s
    assert clock.slept == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_full_jitter_spreads_from_zero():
    clock = Clock()
    budget = clock.budget(100, random=0.0)
    budget.pause()
    budget.pause()
    assert clock.slept == [0, 0]


def test_progress_makes_the_next_wait_short():
    clock = Clock()
    budget = clock.budget(100)
    budget.pause()
    budget.pause()
    budget.progressed()
    budget.pause()
    assert clock.slept == [1, 2, 1]


def test_retry_after_replaces_the_computed_wait():
    clock = Clock()
    clock.budget(100).pause(42)
    assert clock.slept == [42]


def test_no_wait_beyond_the_limit():
    clock = Clock()
    budget = clock.budget(100)
    budget.pause(60)
    with pytest.raises(BudgetSpent):
        budget.pause(60)  # would end at 120 s
    assert clock.slept == [60]
    with pytest.raises(BudgetSpent):
        clock.budget(0, random=0.0).pause()
