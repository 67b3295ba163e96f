"""The documents of a month are laid out anew, but never what GİB may have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edefter.errors import InternalError
from edefter.model.documents import DocumentName, Kind
from edefter.model.files import StoredFile
from edefter.model.period import Period
from edefter.state.parts import PartPlan, misfits
from edefter.state.records import Document
from edefter.state.states import State
from edefter.state.store import Store

JANUARY = Period(2026, 1)
TO_PACKAGED = (
    State.BUILT, State.PRECHECKED, State.SIGNED, State.VALIDATED, State.BERAT_BUILT,
    State.BERAT_SIGNED, State.PACKAGED,
)  # fmt: skip
TO_SENT = (*TO_PACKAGED, State.SENDING, State.SENT)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'state.db'}", lambda: datetime.now(UTC))
    opened.put_company("ornek", "1234567808", {"code": "ornek"})
    yield opened
    opened.close()


def plan(part: str, first: int, last: int, entry_no: int = 0) -> PartPlan:
    return PartPlan(
        part=part,
        first_day=f"2026-01-{first:02d}",
        last_day=f"2026-01-{last:02d}",
        counters_before={
            "entry_no": entry_no,
            "line_no": 0,
            "yevmiye_serial": 0,
            "kebir_serial": 0,
        },
    )


def lay_out(store: Store, *plans: PartPlan) -> list[Document]:
    return store.lay_out(
        company="ornek", branch="", period=JANUARY, kinds=(Kind.Y, Kind.K), parts=plans,
        creation_date="2026-02-02", source_application="1##a##b##c",
    )  # fmt: skip


def walk(store: Store, document: Document, ways: tuple[State, ...]) -> Document:
    for state in ways:
        document = store.transition(document.id, state, cause="test")
    return document


def shown(documents: list[Document]) -> list[tuple[str, str, str, str]]:
    return [(f"{d.kind}-{d.part}", d.first_day[-2:], d.last_day[-2:], d.state) for d in documents]


def test_parts_are_opened_for_both_books(store: Store) -> None:
    assert shown(lay_out(store, plan("000001", 1, 10), plan("000002", 10, 31, 5))) == [
        ("Y-000001", "01", "10", "draft"), ("K-000001", "01", "10", "draft"),
        ("Y-000002", "10", "31", "draft"), ("K-000002", "10", "31", "draft"),
    ]  # fmt: skip
    assert store.verify_audit() is None


def test_what_is_no_part_any_more_goes_with_its_files(store: Store, tmp_path: Path) -> None:
    first, *_ = lay_out(store, plan("000000", 1, 31))
    stored = StoredFile(
        path=tmp_path / "y.xml", name=DocumentName("1234567808", JANUARY, Kind.Y),
        size_bytes=1, sha256="ab" * 32,
    )  # fmt: skip
    store.transition(first.id, State.BUILT, cause="built", files={"unsigned": stored})
    documents = lay_out(store, plan("000001", 1, 20), plan("000002", 21, 31))
    assert {d.part for d in documents} == {"000001", "000002"}
    assert store.files(first.id) == {}
    removed = [r for r in store.audit_records() if r["action"] == "document.removed"]
    assert {(r["kind"], r["part"], r["from_state"]) for r in removed} == {
        ("Y", "000000", "built"), ("K", "000000", "draft"),
    }  # fmt: skip
    assert store.verify_audit() is None


@pytest.mark.parametrize("ways", [(), TO_PACKAGED])
def test_new_days_take_a_document_back_to_draft(store: Store, ways: tuple[State, ...]) -> None:
    first, *_ = lay_out(store, plan("000001", 1, 10))
    walk(store, first, ways)
    documents = lay_out(store, plan("000001", 1, 20))
    assert shown(documents) == [
        ("Y-000001", "01", "20", "draft"), ("K-000001", "01", "20", "draft"),
    ]  # fmt: skip


def test_new_first_numbers_too(store: Store) -> None:
    _, _, second, _ = lay_out(store, plan("000001", 1, 10), plan("000002", 11, 31, 7))
    walk(store, second, TO_PACKAGED)
    _, _, second, _ = lay_out(store, plan("000001", 1, 10), plan("000002", 11, 31, 8))
    assert second.state is State.DRAFT
    assert second.counters_before is not None and second.counters_before.entry_no == 8


def test_what_stays_as_it_is_stays(store: Store) -> None:
    first, *_ = lay_out(store, plan("000001", 1, 10))
    walk(store, first, TO_PACKAGED)
    documents = lay_out(store, plan("000001", 1, 10), plan("000002", 11, 31))
    assert [d.state.value for d in documents] == ["packaged", "draft", "draft", "draft"]
    assert documents[0].id == first.id


@pytest.mark.parametrize("other", [(), (plan("000001", 1, 11),), (plan("000002", 1, 10),)])
def test_what_gib_has_is_no_other_part(store: Store, other: tuple[PartPlan, ...]) -> None:
    first, *_ = lay_out(store, plan("000001", 1, 10))
    sent = walk(store, first, TO_SENT)
    before = shown(store.documents("ornek"))
    assert [d.id for d in misfits([sent], other)] == [sent.id]
    assert misfits([sent], [plan("000001", 1, 10)]) == []
    with pytest.raises(InternalError, match="part_was_sent"):
        lay_out(store, *other)
    assert shown(store.documents("ornek")) == before
