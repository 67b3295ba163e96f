"""The order of a night: who is visited when, without GİB, with a clock of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edefter.config.running import NightSettings
from edefter.config.settings import GibSettings, Settings
from edefter.engine.job import Job
from edefter.engine.night import Group, run_night, work_list
from edefter.engine.report import MonthReport
from edefter.engine.running import Goal
from edefter.engine.services import Services
from edefter.engine.submitting import next_question
from edefter.errors import DataError, EdefterError, OperatorNeeded, WaitingError
from edefter.model.company import Company
from edefter.model.identity import TaxId
from edefter.model.period import Period
from edefter.state.records import Document
from edefter.state.states import State
from edefter.state.store import Store
from tests.unit.ledger.factory import company as a_company

BEGIN = datetime(2026, 6, 1, 18, tzinfo=UTC)


@dataclass
class World:
    """Time that passes only when somebody sleeps or works."""

    passed_s: float = 0.0
    visited: list[tuple[str, str, float]] = field(default_factory=list)

    def wall(self) -> datetime:
        return BEGIN + timedelta(seconds=self.passed_s)

    def sleep(self, seconds: float) -> None:
        self.passed_s += seconds


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def services(world: World, tmp_path: Path) -> Iterator[Services]:
    store = Store(f"sqlite:///{tmp_path / 'state.db'}", world.wall)
    settings = Settings(data_dir=tmp_path, night=NightSettings(budget_s=3_600, days_before=20))
    yield Services(
        settings=settings, store=store, secret=lambda ref: "", wall=world.wall,
        monotonic=lambda: world.passed_s, sleep=world.sleep, time_source=None,  # type: ignore[arg-type]
    )  # fmt: skip
    store.close()


def _company(code: str, number: str, **changes: object) -> Company:
    return replace(a_company(), code=code, tax_id=TaxId(number), branches=(), **changes)  # type: ignore[arg-type]


A = _company("a", "1234567808")
B = _company("b", "1111111114")


class Runs:
    """Answers of the months, one after the other; the last one repeats."""

    def __init__(self, world: World, **answers: list[EdefterError | Exception | None]) -> None:
        self._world, self._answers = world, answers

    def __call__(self, job: Job, goal: Goal) -> MonthReport:
        assert goal is Goal.ARCHIVE
        assert job.patience_s == 0.0
        self._world.visited.append((job.company.code, str(job.period), self._world.passed_s))
        self._world.passed_s += 1
        answers = self._answers[f"{job.company.code}{job.period.month}"]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer is not None and not isinstance(answer, EdefterError):
            raise answer
        return MonthReport(
            company=job.company.code, branch="", period=str(job.period), error=answer
        )


def _waiting() -> WaitingError:
    return WaitingError("engine.waiting_for_gib")


def _night(services: Services, runs: Runs, until: str, *companies: Company) -> dict[str, Group]:
    months = work_list(services, companies, until=Period.parse(until))
    report = run_night(services, months, run=runs)
    return {f"{m.due.company.code}{m.due.period.month}": m.group for m in report.months}


def test_while_one_waits_the_others_go_on(services: Services, world: World) -> None:
    runs = Runs(world, a1=[_waiting(), _waiting(), None], a2=[None], b1=[None], b2=[None])
    groups = _night(services, runs, "2026-02", A, B)
    assert set(groups.values()) == {Group.CLOSED}
    order = [(code, period[-2:]) for code, period, _ in world.visited]
    assert order[:2] == [("a", "01"), ("b", "01")]
    assert order.index(("b", "02")) < order.index(("a", "02"))
    # Between two visits of a1: the schedule's first and second wait.
    first, second, third = [
        at for code, period, at in world.visited if (code, period) == ("a", "2026-01")
    ]
    assert (second - first, third - second) == (31.0, 61.0)


def test_a_month_that_stops_keeps_back_those_behind_it_and_nobody_else(
    services: Services, world: World
) -> None:
    runs = Runs(
        world, a1=[DataError("engine.findings")], a2=[None],
        b1=[ZeroDivisionError("içinde gizli değer")], b2=[None],
    )  # fmt: skip
    groups = _night(services, runs, "2026-02", A, B)
    assert groups == {
        "a1": Group.NEEDS_DATA, "a2": Group.WAITING,
        "b1": Group.NEEDS_OPERATOR, "b2": Group.WAITING,
    }  # fmt: skip
    assert len(world.visited) == 2


def test_when_the_budget_is_used_up_nothing_more_is_begun(services: Services, world: World) -> None:
    runs = Runs(world, a1=[_waiting()], b1=[OperatorNeeded("engine.operator_needed")])
    months = work_list(services, [A, B], until=Period.parse("2026-01"))
    report = run_night(services, months, run=runs)
    assert world.passed_s <= 3_600 + 1
    visits = [month.visits for month in report.months]
    assert visits[0] > 3 and visits[1] == 1
    assert report.exit_code == 6


def test_what_a_night_takes_up_by_itself(services: Services) -> None:
    """A date that is near, and everything before it; what is far is left alone."""
    # On 1 June 2026 February's date (15 June) is near, January's (30 June) and March's are not.
    company = _company("a", "1234567808")
    assert [str(m.period) for m in work_list(services, [company])] == ["2026-01", "2026-02"]
    later = replace(company, edefter_start=Period(2026, 3))
    assert work_list(services, [later]) == []


def _document(state: State, **changes: object) -> Document:
    values = dict.fromkeys(Document.__dataclass_fields__)
    return Document(**{**values, "state": state, "asked_times": 0, **changes})  # type: ignore[arg-type]


def test_when_gib_is_to_be_asked_again() -> None:
    gib = GibSettings(poll_schedule_s=(30, 60, 900), not_found_wait_s=180)
    at = BEGIN.isoformat()

    def due(*documents: Document) -> float | None:
        moment = next_question(gib, documents)
        return None if moment is None else (moment - BEGIN).total_seconds()

    sent = [_document(State.SENT, asked_at=at, asked_times=n) for n in (1, 2, 3, 9)]
    assert [due(document) for document in sent] == [30, 60, 900, 900]
    unknown = _document(State.ANSWER_UNKNOWN, asked_at=at, asked_times=1, not_found_at=at)
    assert due(unknown) == 180
    assert due(sent[2], sent[0], _document(State.APPROVED)) == 30
    later = (BEGIN + timedelta(seconds=450)).isoformat()
    assert due(_document(State.PACKAGED, send_after=later)) == 450
    for state in (State.PACKAGED, State.DRAFT, State.SENDING, State.SENT):
        assert due(_document(state), sent[3]) is None, "something can be done now"
    assert due() is None
