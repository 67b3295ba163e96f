"""The chained journal and canonical JSON."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edefter.archive.canonical import canonical_json, digest
from edefter.archive.chain import FIRST, ChainedJournal


@pytest.fixture
def journal(tmp_path):
    return ChainedJournal(tmp_path / "journal.jsonl", lambda: datetime(2026, 2, 1, tzinfo=UTC))


def test_each_line_carries_the_hash_of_the_one_before(journal):
    entries = [journal.append("put", file=f"dosya-{n}-ğ") for n in range(3)]
    lines = journal.path.read_bytes().splitlines()
    assert entries[0]["prev"] == FIRST
    assert entries[2]["prev"] == hashlib.sha256(lines[1]).hexdigest()
    assert [entry["seq"] for entry in journal.entries()] == [1, 2, 3]
    assert journal.audit() == []


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        (lambda rows: [rows[0], rows[1].replace(b'"file":"b"', b'"file":"x"'), rows[2]], 3, "link"),
        (lambda rows: [rows[0], rows[2]], 2, "sequence"),
        (lambda rows: rows[1:], 1, "sequence"),
        (lambda rows: [rows[0], b"{\n", rows[2]], 2, "unreadable"),
        (lambda rows: [rows[0], rows[1].replace(b'":', b'": '), rows[2]], 2, "unreadable"),
        (lambda rows: [rows[0], rows[1], rows[2].removesuffix(b"\n")], 3, "unreadable"),
    ],
)
def test_a_break_is_found_where_it_is(journal, change, line, reason):
    for name in "abc":
        journal.append("put", file=name)
    journal.path.write_bytes(b"".join(change(journal.path.read_bytes().splitlines(keepends=True))))
    first = journal.audit()[0]
    assert (first.line, first.reason) == (line, reason)


def test_a_torn_line_was_never_acknowledged_and_goes(journal):
    journal.append("put", file="a")
    with journal.path.open("ab") as sink:
        sink.write(b'{"action":"pu')
    assert [broken.reason for broken in journal.audit()] == ["unreadable"]
    journal.append("put", file="b")
    assert [entry["file"] for entry in journal.entries()] == ["a", "b"]
    assert journal.audit() == []


def test_a_torn_first_line_leaves_an_empty_journal(journal):
    journal.path.write_bytes(b'{"act')
    assert journal.append("put", file="a")["seq"] == 1
    assert journal.audit() == []


def test_canonical_form_after_rfc_8785():
    value = {"b": [1, True, None], "a": 'Çağ\n\u001f"\\/€', "A": {}}
    assert canonical_json(value) == (
        '{"A":{},"a":"Çağ\\n\\u001f\\"\\\\/€","b":[1,true,null]}'.encode()
    )
    assert digest({}) == hashlib.sha256(b"{}").hexdigest()


@pytest.mark.parametrize("value", [1.0, 2**53, {"ğ": 1}, {1: 1}, b"x", "\ud800", [object()]])
def test_values_without_one_form_are_refused(value):
    with pytest.raises(ValueError):
        canonical_json(value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("abcXYZ_"), inner),
        max_leaves=10,
    )
)
def test_the_form_is_stable(value):
    import json

    try:
        once = canonical_json(value)
    except UnicodeEncodeError:
        return
    assert canonical_json(json.loads(once)) == once
