"""The memory of wrong PINs."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from edefter.errors import SealRefused
from edefter.signature.seals.pin_guard import PinGuard


@pytest.fixture
def guard(tmp_path: Path) -> PinGuard:
    return PinGuard(tmp_path / "data" / "kart.json", "kart")


def attempt(guard: PinGuard, pin: str, ended: str) -> None:
    with guard.trying(pin) as made:
        made.ended = ended  # type: ignore[assignment]


def refused(guard: PinGuard, pin: str) -> str:
    with pytest.raises(SealRefused) as caught, guard.trying(pin):
        pass
    return caught.value.key


def test_a_right_pin_leaves_nothing(guard: PinGuard, tmp_path: Path) -> None:
    attempt(guard, "1234", "right")
    attempt(guard, "1234", "right")
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["kart.json.lock"]


def test_no_wrong_pin_is_tried_twice_but_another_is(guard: PinGuard, tmp_path: Path) -> None:
    attempt(guard, "1234", "wrong")
    again = PinGuard(tmp_path / "data" / "kart.json", "kart")
    assert refused(again, "1234") == "seal.pin_wrong_before"
    attempt(again, "5678", "wrong")
    for pin in ("1234", "5678"):
        assert refused(again, pin) == "seal.pin_wrong_before"
    attempt(again, "9999", "untried")  # the token was not there
    assert refused(again, "1234") == "seal.pin_wrong_before"
    attempt(again, "9999", "right")
    attempt(again, "1234", "right")  # the right one removed the notes


def test_the_note_is_there_while_it_is_tried(guard: PinGuard, tmp_path: Path) -> None:
    path = tmp_path / "data" / "kart.json"
    with guard.trying("1234"):
        assert b'"trying"' in path.read_bytes()
        assert b"1234" not in path.read_bytes()
        assert path.parent.stat().st_mode & 0o077 == 0
    assert refused(guard, "1234") == "seal.pin_trying_before"
    assert guard.clear() and not guard.clear()


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"\xff", b'{"tries": 1}', b'{"tries": [{"salt": "0"}]}']
)
def test_a_damaged_note_forbids_every_try(guard: PinGuard, tmp_path: Path, content: bytes) -> None:
    attempt(guard, "1", "wrong")
    (tmp_path / "data" / "kart.json").write_bytes(content)
    assert refused(guard, "2") == "seal.pin_note_damaged"
    assert guard.clear()


def test_who_shares_a_seal_waits(guard: PinGuard, tmp_path: Path) -> None:
    other = PinGuard(tmp_path / "data" / "kart.json", "kart")
    order: list[str] = []

    def second() -> None:
        with other.trying("1234") as made:
            order.append("second")
            made.ended = "right"

    with guard.trying("1234") as made:
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.3)
        order.append("first")
        made.ended = "right"
    thread.join(20)
    assert order == ["first", "second"]


def test_what_a_killed_process_left_is_removed(guard: PinGuard, tmp_path: Path) -> None:
    attempt(guard, "1", "right")
    left = tmp_path / "data" / ".kart.json.12345678.part-tmp"
    left.touch()
    attempt(guard, "1", "right")
    assert not left.exists()
