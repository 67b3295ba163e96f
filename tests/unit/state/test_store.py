"""The state database on SQLite and on PostgreSQL: states, audit chain, counters."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from edefter.errors import InternalError
from edefter.model.documents import DocumentName, Kind
from edefter.model.files import Counters, StoredFile
from edefter.model.period import Period
from edefter.state import tables
from edefter.state.states import ALLOWED, APPROVED_STATES, AT_GIB, State
from edefter.state.store import Store
from tests.conftest import absent
from tests.support.databases import postgresql_url

JANUARY, FEBRUARY = Period(2026, 1), Period(2026, 2)


def _postgres_url() -> Iterator[str]:
    found = postgresql_url()
    if found is None:
        absent("database server postgresql on loopback")
    name = f"edefter_state_{uuid.uuid4().hex[:8]}"
    admin = sa.create_engine(found, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    yield sa.make_url(found).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(sa.text(f"drop database {name} with (force)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    urls = (
        iter([f"sqlite:///{tmp_path / 'state.db'}"])
        if request.param == "sqlite"
        else _postgres_url()
    )
    url = next(urls)
    opened = Store(url, lambda: datetime.now(UTC))
    opened.put_company("ornek", "1234567808", {"code": "ornek", "title": "İŞLEM ŞTİ"})
    yield opened
    opened.close()
    next(urls, None)


def draft(
    store: Store, period: Period = JANUARY, kind: Kind = Kind.Y, branch: str = "", **more: str
):
    given = {
        "part": "000000",
        "first_day": period.first_day.isoformat(),
        "last_day": period.last_day.isoformat(),
        **more,
    }
    return store.open_document(
        company="ornek",
        branch=branch,
        period=period,
        kind=kind,
        creation_date="2026-05-01",
        source_application="1##a##b##c",
        counters_before={"entry_no": 0, "line_no": 0},
        **given,
    )


def test_a_document_is_opened_once(store: Store) -> None:
    first, again = draft(store), draft(store)
    assert first == again
    assert first.state is State.DRAFT
    assert first.branch == ""
    assert draft(store, branch="0001").id != first.id


def test_only_allowed_ways_are_walked(store: Store) -> None:
    document = draft(store)
    with pytest.raises(InternalError, match="not_allowed"):
        store.transition(document.id, State.APPROVED, cause="wish")
    assert store.document(document.id).state is State.DRAFT
    assert store.transition(document.id, State.BUILT, cause="built").state is State.BUILT


def test_files_come_with_the_transition(store: Store, tmp_path: Path) -> None:
    document = draft(store)
    stored = StoredFile(
        path=tmp_path / "x.xml",
        name=DocumentName("1234567808", JANUARY, Kind.Y),
        size_bytes=5,
        sha256="ab" * 32,
    )
    store.transition(document.id, State.BUILT, cause="built", files={"unsigned": stored})
    record = store.files(document.id)["unsigned"]
    assert (record.sha256, record.size_bytes) == (stored.sha256, 5)


def test_audit_chain_is_whole_and_shows_tampering(store: Store) -> None:
    document = draft(store)
    store.transition(document.id, State.BUILT, cause="built", evidence={"toplam": "1.234,56 ₺"})
    assert store.verify_audit() is None
    with store.engine.begin() as connection:
        connection.execute(
            sa.update(tables.audit).where(tables.audit.c.seq == 2).values(cause="nothing happened")
        )
    assert store.verify_audit() == 2


def test_a_removed_last_record_shows(store: Store) -> None:
    draft(store)
    with store.engine.begin() as connection:
        connection.execute(sa.delete(tables.audit).where(tables.audit.c.seq == 2))
    assert store.verify_audit() == 2


def test_counters_continue_within_the_fiscal_year_only(store: Store) -> None:
    year, next_month = "2026-01-01", "2026-02-01"
    assert store.last_counters("ornek", "", year, next_month) == (Counters(), True)
    document = draft(store)
    after = {"entry_no": 183, "line_no": 628, "yevmiye_serial": 1, "kebir_serial": 1}
    store.transition(document.id, State.BUILT, cause="built", counters_after=after)
    assert store.last_counters("ornek", "", year, next_month) == (Counters(**after), True)
    assert store.last_counters("ornek", "0001", year, next_month) == (Counters(), True)
    assert store.last_counters("ornek", "", "2026-07-01", "2026-07-01") == (Counters(), True)


def test_counters_of_the_last_part_where_parts_share_days(store: Store) -> None:
    """A day so full that it is divided: three parts that begin on it."""
    parts = [("000001", 14, 14), ("000002", 14, 14), ("000003", 14, 31)]
    for number, (part, first, last) in enumerate(parts, start=1):
        document = draft(
            store, part=part, first_day=f"2026-01-{first:02d}", last_day=f"2026-01-{last:02d}"
        )
        after = {"entry_no": number, "line_no": number, "yevmiye_serial": 1, "kebir_serial": 1}
        store.transition(document.id, State.BUILT, cause="built", counters_after=after)
    found, known = store.last_counters("ornek", "", "2026-01-01", "2026-02-01")
    assert known
    assert found is not None
    assert found.entry_no == 3


def adopt(store: Store, tmp_path: Path):
    return store.adopt(
        company="ornek",
        branch="",
        period=JANUARY,
        kind=Kind.Y,
        part="000000",
        first_day="2026-01-01",
        last_day="2026-01-31",
        approved=StoredFile(
            path=tmp_path / "GIB.xml",
            name=DocumentName("1234567808", JANUARY, Kind.YB, approved=True),
            size_bytes=1,
            sha256="cd" * 32,
        ),
        cause="operator",
        approved_at="",
        evidence={"unique_id": "YEV202601000001"},
    )


def test_an_adopted_month_leaves_counters_unknown(store: Store, tmp_path: Path) -> None:
    document = adopt(store, tmp_path)
    assert (document.state, document.adopted) == (State.APPROVED, True)
    assert store.last_counters("ornek", "", "2026-01-01", "2026-02-01") == (None, False)
    with pytest.raises(InternalError):
        adopt(store, tmp_path)


def test_what_was_sent_is_not_adopted_over(store: Store, tmp_path: Path) -> None:
    document = draft(store)
    for state in list(State)[1:9]:
        store.transition(document.id, state, cause="step")
    assert store.document(document.id).state is State.SENDING
    with pytest.raises(InternalError):
        adopt(store, tmp_path)
    store.transition(document.id, State.OPERATOR_NEEDED, cause="other version")
    assert adopt(store, tmp_path).state is State.APPROVED
    assert store.verify_audit() is None


def test_upload_memory_and_receipt(store: Store) -> None:
    document = draft(store)
    store.save_upload(document.id, "ledger", "ab", memory={"url": "https://x/1"})
    assert store.upload(document.id, "ledger").memory == {"url": "https://x/1"}
    store.save_upload(document.id, "ledger", "ab", state="stored", receipt_id="r1", receipt_seq=1)
    record = store.upload(document.id, "ledger")
    assert (record.state, record.receipt_id) == ("stored", "r1")
    assert any(r["action"] == "portal.receipt" for r in store.audit_records())


def test_every_state_has_ways_and_none_leads_nowhere() -> None:
    assert set(ALLOWED) == set(State)
    reachable = {target for targets in ALLOWED.values() for target in targets}
    assert reachable == set(State)
    for state in AT_GIB:
        assert State.DRAFT not in ALLOWED[state], "what may be at GİB is never rebuilt"
    for state in APPROVED_STATES:
        assert ALLOWED[state] & {State.SENDING, State.PACKAGED} == set()


def test_an_unknown_answer_is_left_only_by_asking() -> None:
    assert State.SENDING not in ALLOWED[State.ANSWER_UNKNOWN]
    assert State.DRAFT not in ALLOWED[State.ANSWER_UNKNOWN]
