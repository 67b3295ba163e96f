"""What is learnt of a program's records takes the like of them, whole, and nothing else."""

from __future__ import annotations

import pytest

from edefter.xmlsig import habit as module
from edefter.xmlsig.habit import Habit


def record(*inside: str) -> bytes:
    return f'<p:e c="1">{"".join(inside)}</p:e>\n'.encode()


A, B, C = '<p:a c="1">ş</p:a>', '<p:b c="1">2</p:b>', '<p:c c="1"><p:d>x</p:d></p:c>'


def taken(habit: Habit, data: bytes) -> bytes:
    return data[: habit.end(data, 0)]


def test_nothing_is_recognised_before_the_first_lesson() -> None:
    assert Habit().end(record(A), 0) == 0


def test_what_was_always_there_is_expected_and_what_stood_once_stands_once() -> None:
    habit = Habit()
    habit.learn(record(A, B) + record(A, B, C) + record(A, B, B, C))
    for like in (record(A, B), record(A, B, C), record(A, *[B] * 5), record(A, B) * 50):
        assert taken(habit, like) == like
    for other in (record(B), record(A, A, B), record(A, B, C, C), record(B, A)):
        assert taken(habit, other) == b""
        assert taken(habit, record(A, B) + other) == record(A, B)


def test_each_surprise_is_learnt() -> None:
    habit = Habit()
    for surprise in (record(A, B), record(B), record(B, C), record(C, C)):
        assert taken(habit, surprise) == b""
        habit.learn(surprise)
        assert taken(habit, surprise * 3) == surprise * 3


def test_who_is_surprised_too_often_expects_nothing_any_more() -> None:
    habit = Habit()
    for _ in range(module._STRICT_LESSONS):
        habit.learn(record(A, B, C))
    assert taken(habit, record(C)) == b""
    habit.learn(record(A, B, C))
    for like in (record(), record(C), record(A, A), record(B, C, C)):
        assert taken(habit, like) == like
    assert taken(habit, record(C, A)) == b"", "the order stays"


@pytest.mark.parametrize(
    "broken",
    [
        b'<p:e c="1"><p:a c="1">\xff</p:a></p:e>',
        b'<p:e c="1"><p:a c="1">&</p:a></p:e>',
        b'<p:e c="1"><p:a c="2">x</p:a></p:e>',
        b'<p:e c="1"><p:a c="1">x</p:b></p:e>',
        b'<p:e c="1"><p:a c="1">x</p:a></p:f>',
        b'<p:e  c="1"><p:a c="1">x</p:a></p:e>',
        b'<p:e c="1"><p:a c="1">x</p:a>',
        b'<p:e c="1"><p:a c="1">x</p:a>y</p:e>',
    ],
)
def test_what_is_not_written_so_is_not_taken(broken: bytes) -> None:
    habit = Habit()
    habit.learn(record(A))
    assert taken(habit, broken) == b""
    assert taken(habit, record(A) + broken) == record(A)


def test_records_are_found_over_the_borders_of_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PIECE_BYTES", 100)
    habit = Habit()
    habit.learn(record(A, B))
    assert taken(habit, record(A, B) * 40) == record(A, B) * 40
    long = record(A.replace("ş", "ş" * 60), B)
    assert taken(habit, record(A, B) + long) == record(A, B), "a record longer than a piece"


def test_a_document_of_too_many_tags_has_no_habit() -> None:
    habit = Habit()
    habit.learn(record(*(f"<p:x{number}></p:x{number}>" for number in range(module._MOST_TAGS))))
    assert taken(habit, record()) == b""
