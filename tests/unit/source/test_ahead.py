"""Pieces are taken ahead by a thread, and nobody is left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from edefter.source.ahead import ahead


def workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "edefter-ahead"]


def test_the_same_pieces_by_another_thread() -> None:
    who = []

    def pieces() -> Iterator[int]:
        for number in range(20):
            who.append(threading.current_thread().name)
            yield number

    with ahead(pieces()) as taken:
        assert list(taken) == list(range(20))
    assert set(who) == {"edefter-ahead"} and not workers()


def test_an_error_comes_behind_what_was_taken_before() -> None:
    def pieces() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    seen = []
    with pytest.raises(OSError, match="gone"), ahead(pieces()) as taken:
        for number in taken:
            seen.append(number)
    assert seen == [1] and not workers()


def test_who_stops_early_stops_the_thread() -> None:
    taken_so_far = []

    def pieces() -> Iterator[int]:
        for number in range(1_000_000):
            taken_so_far.append(number)
            yield number

    with ahead(pieces()) as taken:
        assert next(taken) == 0
    assert not workers() and len(taken_so_far) < 100
