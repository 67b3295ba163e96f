"""Ids over the pieces of a document: exact, eight bytes each, and bounded."""

import tracemalloc

import pytest

from edefter.model.documents import Kind
from edefter.validation.reading.trouble import TooLarge
from edefter.validation.schema import ids
from edefter.validation.schema.ids import IdRegister
from tests.unit.validation.documents import Writer
from tests.unit.validation.test_documents_odd import judge


def test_what_was_added_is_found_and_nothing_else():
    register = IdRegister()
    names = [f"ş{number}" for number in range(20_000)] + ["", "\udcff"]
    for name in names:
        assert name not in register
        register.add(name)
        register.add(name)
    assert all(name in register for name in names)
    assert not any(f"S{number}" in register for number in range(20_000))


def test_a_hundred_thousand_ids_take_two_megabytes():
    register = IdRegister()
    tracemalloc.start()
    for number in range(100_000):
        register.add(f"id{number}")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


def test_more_ids_than_are_compared_is_said(monkeypatch):
    monkeypatch.setattr(ids, "LIMIT", 10)
    register = IdRegister()
    with pytest.raises(TooLarge):
        for number in range(11):
            register.add(str(number))


def ledger_with_ids(entries: int, name: str) -> bytes:
    writer = Writer(Kind.Y)
    parts = [
        writer.entry(
            number,
            "2026-01-05",
            [(2 * number - 1, "100", "D", "1.00"), (2 * number, "600", "C", "1.00")],
        ).replace("<gl-cor:entryHeader>", f'<gl-cor:entryHeader id="{name.format(number)}">')
        for number in range(1, entries + 1)
    ]
    return (writer.start() + "".join(parts) + writer.end()).encode()


def test_ids_are_compared_between_pieces():
    assert judge(ledger_with_ids(400, "m{0}")).ok
    report = judge(ledger_with_ids(400, "m"), limit_per_rule=5)
    assert not report.schema_valid
    assert report.findings.counts["XSD"] == 399 and len(report.findings) == 5
    assert "“m” kimliği (id) belgede birden çok kez" in next(iter(report.findings)).message_tr


def test_too_many_ids_are_a_finding(monkeypatch):
    monkeypatch.setattr(ids, "LIMIT", 300)
    report = judge(ledger_with_ids(400, "m{0}"))
    assert set(report.findings.counts) == {"XML-LIMIT"} and not report.ok
