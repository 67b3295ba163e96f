"""The root of a tree of files, against a tree that is drawn by hand."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edefter.archive.hashtree import root_of


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _leaf(path: str, content: str) -> bytes:
    return hashlib.sha256(b"\x00" + path.encode() + b"\x00" + bytes.fromhex(_sha(content))).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def test_a_tree_of_five_as_rfc_9162_splits_it() -> None:
    a, b, c, d, e = (_leaf(name, name.upper()) for name in "abcde")
    by_hand = _node(_node(_node(a, b), _node(c, d)), e)
    assert root_of([(name, _sha(name.upper())) for name in "abcde"]) == by_hand.hex()


def test_one_and_none() -> None:
    assert root_of([("a", _sha("A"))]) == _leaf("a", "A").hex()
    assert root_of([]) == hashlib.sha256().hexdigest()


names = st.lists(st.text("abcİş/.", min_size=1), unique=True, min_size=1, max_size=12)


@given(names, st.randoms())
def test_the_order_does_not_matter_but_everything_else_does(paths: list[str], dice) -> None:
    files = [(path, _sha(path)) for path in paths]
    shuffled = files[:]
    dice.shuffle(shuffled)
    root = root_of(files)
    assert root_of(shuffled) == root
    assert root_of([*files[:-1], (files[-1][0], _sha("other"))]) != root
    assert root_of([*files[:-1], (files[-1][0] + "x", files[-1][1])]) != root
    assert root_of(files[:-1]) != root


def test_what_is_no_tree_of_files_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        root_of([("a", _sha("x")), ("a", _sha("y"))])
    with pytest.raises(ValueError, match="SHA-256"):
        root_of([("a", "00")])
