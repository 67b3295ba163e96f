"""Nights shared by workers on the real PostgreSQL: nothing lost, nothing twice, whoever dies."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from procrastinate import App, PsycopgConnector

from edefter.config.running import NightSettings
from edefter.config.settings import GibSettings, Settings
from edefter.engine.job import Job
from edefter.engine.night import Group, work_list
from edefter.engine.report import MonthReport
from edefter.engine.running import Goal
from edefter.engine.services import Services, SilentListener, utc_now
from edefter.errors import ConfigError, EdefterError, OperatorNeeded, WaitingError
from edefter.model.company import Company
from edefter.model.identity import TaxId
from edefter.model.period import Period
from edefter.model.registration import registration_to_mapping
from edefter.state.pacing import SharedPace
from edefter.state.store import Store
from edefter.workers.night import begin_night, night_report, refill, share_night
from edefter.workers.queue import SCHEMA, VisitQueue, connection_words, reset_queue
from edefter.workers.visits import visit_company
from edefter.workers.worker import rescue_visits
from tests.acceptance.conftest import ADMIN
from tests.acceptance.test_night import _accepted, _with_company
from tests.support.office import Office
from tests.unit.ledger.factory import company as a_company

A = replace(a_company(), code="a", tax_id=TaxId("1234567808"), branches=())
B = replace(a_company(), code="b", tax_id=TaxId("1111111114"), branches=())
JANUARY, FEBRUARY = Period(2026, 1), Period(2026, 2)


@pytest.fixture
def services(postgres: str, tmp_path: Path) -> Iterator[Services]:
    store = Store(postgres, utc_now)
    for company in (A, B):
        plain = registration_to_mapping(company)
        store.put_company(company.code, company.tax_id.number, plain)
    settings = Settings(
        data_dir=tmp_path, night=NightSettings(budget_s=3_600),
        gib=GibSettings(poll_schedule_s=(30.0,)),
    )  # fmt: skip
    yield Services(settings=settings, store=store, secret=lambda ref: "", time_source=None)  # type: ignore[arg-type]
    store.close()


@pytest.fixture
def queue(services: Services) -> VisitQueue:
    return VisitQueue(services.store.engine)


class Runs:
    """Answers of the months, one after the other; the last one repeats."""

    def __init__(self, **answers: list[EdefterError | None]) -> None:
        self._answers = answers
        self.visited: list[str] = []

    def __call__(self, job: Job, goal: Goal) -> MonthReport:
        name = f"{job.company.code}{job.period.month}"
        self.visited.append(name)
        answers = self._answers[name]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        period = str(job.period)
        return MonthReport(company=job.company.code, branch="", period=period, error=answer)


def _waiting() -> WaitingError:
    return WaitingError("engine.locked", company="a", pid="1", host="x")


def _stopped() -> OperatorNeeded:
    return OperatorNeeded("engine.operator_needed", company="a", period="2026-01", names="x")


def _months(services: Services, *companies: Company) -> list:
    return work_list(services, companies, until=FEBRUARY)


def _queued(queue: VisitQueue) -> list[str]:
    return [visit.company for visit in queue.visits()]


def test_a_visit_and_what_follows_from_it_are_written_together(
    services: Services, queue: VisitQueue
) -> None:
    night = begin_night(services, queue, _months(services, A, B))
    assert _queued(queue) == ["a", "b"]
    runs = Runs(a1=[_waiting(), None], a2=[_stopped()])
    _take_out(services, "a")
    visit_company(services, queue, night.id, "a", run=runs)
    (later,) = [visit for visit in queue.visits() if visit.company == "a"]
    assert later.due_at is not None
    assert timedelta(seconds=25) < later.due_at - utc_now() < timedelta(seconds=31)
    # Before its time nothing is done, however often somebody comes.
    visit_company(services, queue, night.id, "a", run=runs)
    assert runs.visited == ["a1"]
    assert _queued(queue).count("a") == 1


def test_when_the_record_fails_nothing_is_queued(services: Services, queue: VisitQueue) -> None:
    night = begin_night(services, queue, _months(services, A))
    _take_out(services, "a")

    def also(connection: sa.Connection) -> None:
        queue.add(connection, night.id, [("a", A.tax_id.number, None)])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        services.store.record_visits(night.id, [], also)
    assert _queued(queue) == []


def _take_out(services: Services, company: str) -> None:
    """As a worker does that takes a job: it waits no more."""
    with services.store.engine.begin() as connection:
        connection.execute(sa.text(f"set local search_path = {SCHEMA}"))
        connection.execute(
            sa.text(f"delete from {SCHEMA}.procrastinate_jobs where args->>'company' = :company"),
            {"company": company},
        )


def test_a_night_that_goes_on_is_joined(services: Services, queue: VisitQueue) -> None:
    first = begin_night(services, queue, _months(services, A))
    second = begin_night(services, queue, _months(services, A, B))
    assert second.id == first.id and second.until_at == first.until_at
    assert _queued(queue) == ["a", "b"]
    found = services.store.months_of_night(first.id)
    assert [(m.company, m.period.month) for m in found] == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]


def test_what_was_lost_from_the_queue_is_queued_again(
    services: Services, queue: VisitQueue
) -> None:
    night = begin_night(services, queue, _months(services, A, B))
    runs = Runs(b1=[_stopped()])
    _take_out(services, "b")
    visit_company(services, queue, night.id, "b", run=runs)  # stopped: nobody comes again
    _take_out(services, "a")
    assert _queued(queue) == []
    assert refill(services, queue, night, services.store.months_of_night(night.id)) == 1
    assert _queued(queue) == ["a"]
    reset_queue(services.store.engine)
    again = VisitQueue(services.store.engine)
    assert refill(services, again, night, services.store.months_of_night(night.id)) == 1


def test_at_the_end_of_its_budget_a_night_is_closed(postgres: str, services: Services) -> None:
    short = replace(
        services, settings=services.settings.model_copy(update={"night": NightSettings(budget_s=1)})
    )
    queue = VisitQueue(short.store.engine)
    report = share_night(short, queue, _months(short, A))  # there is no worker
    assert [m.group for m in report.months] == [Group.WAITING] * 2
    assert report.exit_code == 3
    assert queue.visits() == []
    night_id = 1
    runs = Runs(a1=[None])
    visit_company(short, queue, night_id, "a", run=runs)  # a worker that comes too late
    assert runs.visited == []


def test_a_night_without_workers_says_so(
    services: Services, queue: VisitQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    warned: list[str] = []

    class Ears(SilentListener):
        def warn(self, key: str, **facts: object) -> None:
            warned.append(key)

    monkeypatch.setattr("edefter.workers.night.LOOK_S", 0.05)
    settings = services.settings.model_copy(update={"night": NightSettings(budget_s=3)})
    listening = replace(services, settings=settings, listener=Ears())
    share_night(listening, queue, _months(services, A))
    assert warned == ["workers.nobody"]


def test_the_report_says_in_both_languages_what_stopped(
    services: Services, queue: VisitQueue
) -> None:
    night = begin_night(services, queue, _months(services, A))
    runs = Runs(a1=[_stopped()])
    visit_company(services, queue, night.id, "a", run=runs)
    first, second = night_report(services, night, _months(services, A)).months
    assert first.group is Group.NEEDS_OPERATOR and second.group is Group.WAITING
    assert first.outcome is not None and second.outcome is None
    assert first.outcome.text("tr") != first.outcome.text("en")
    assert first.outcome.remedy("tr")


def test_a_company_whose_registration_broke_is_told_and_stops_nobody(
    services: Services, queue: VisitQueue
) -> None:
    planned = _months(services, A)
    night = begin_night(services, queue, planned)
    services.store.put_company("a", A.tax_id.number, {"code": "a"})
    visit_company(services, queue, night.id, "a", run=Runs())
    first, _ = night_report(services, night, planned).months
    assert first.exit_code == 2 and first.outcome is not None and first.outcome.remedy("tr")
    _take_out(services, "a")
    assert refill(services, queue, night, services.store.months_of_night(night.id)) == 0


def test_the_visit_of_a_dead_worker_is_queued_anew_once(
    services: Services, queue: VisitQueue
) -> None:
    night = begin_night(services, queue, _months(services, A, B))
    with services.store.engine.begin() as connection:  # both were being done by workers now gone
        connection.execute(sa.text(f"set local search_path = {SCHEMA}, public"))
        connection.execute(sa.text("update procrastinate_jobs set status = 'doing'"))
        # What follows from b's visit is queued already; only its mark was not taken away.
        queue.add(connection, night.id, [("b", B.tax_id.number, None)])

    async def rescue() -> int:
        words = connection_words(services.store.engine)
        app = App(connector=PsycopgConnector(kwargs=words, min_size=1, max_size=1))
        async with app.open_async():
            return await rescue_visits(app, silent_s=30)

    assert asyncio.run(rescue()) == 2
    assert sorted(_queued(queue)) == ["a", "b"]
    assert {visit.status for visit in queue.visits()} == {"todo"}


def test_a_queue_of_another_version_is_refused_and_made_anew(
    services: Services, queue: VisitQueue
) -> None:
    with services.store.engine.begin() as connection:
        connection.execute(sa.text(f"comment on schema {SCHEMA} is 'edefter: procrastinate 2.0'"))
    with pytest.raises(ConfigError) as refused:
        VisitQueue(services.store.engine)
    assert refused.value.key == "workers.other_version"
    reset_queue(services.store.engine)
    assert VisitQueue(services.store.engine).visits() == []


def test_the_pace_is_one_over_all_machines(services: Services) -> None:
    slept: list[float] = []
    paces = [
        SharedPace(services.store.engine, "gib", 100.0, lambda: datetime.now(UTC), slept.append)
        for _ in range(3)
    ]
    assert [pace.wait() for pace in paces] == [0.0] * 3
    assert len(slept) == 2
    assert 90 < slept[0] <= 100 and 190 < slept[1] <= 200


# -- the real processes ----------------------------------------------------------------------


def test_workers_need_postgresql(office: Office) -> None:
    for words in (("worker",), ("queue",), ("night", "--distributed", "--until", "2026-01")):
        answer = office.edefter(*words)
        assert answer.code == 2, answer.err
        assert "PostgreSQL" in answer.err


@pytest.fixture
def bureau(make_office: Callable[..., Office], postgres: str) -> tuple[Office, Office]:
    """Two companies in one installation whose state is in PostgreSQL."""
    office = make_office()
    office.write_config(workers__heartbeat_s=1.0, workers__poll_s=0.3)
    office.on_postgres(postgres)
    office.register()
    return office, _with_company(office, "ikinci")


def _worker(office: Office) -> subprocess.Popen[str]:
    return subprocess.Popen(office.command("worker"), stderr=subprocess.PIPE, text=True)


def test_a_worker_dies_and_another_comes_to_the_end(bureau: tuple[Office, Office]) -> None:
    office, other = bureau
    office.world.gib.set_knobs(queued_polls=1)
    first = _worker(office)
    night = subprocess.Popen(
        office.command("night", "--distributed", "--until", "2026-02", "--json"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until = time.monotonic() + 60
    while not office.sends() and time.monotonic() < until:
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    second = _worker(office)
    out, err = night.communicate(timeout=120)
    assert night.returncode == 0, err
    report = json.loads(out)
    assert report["groups"]["closed"] == 4
    for company in bureau:
        sent = _accepted(company)
        assert len(sent) == len(set(sent)) == 4
    shown = office.edefter("queue", "--json").json
    assert shown["visits"] == []
    assert shown["workers"] >= 1
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=60) == 0
    first.wait()
    assert office.edefter("audit", "verify").code == 0
    assert other.archived()


def test_a_worker_that_is_asked_to_stop_finishes_its_visit(bureau: tuple[Office, Office]) -> None:
    office, _ = bureau
    store = Store(_url(office), utc_now)
    night = subprocess.Popen(
        office.command("night", "--distributed", "--until", "2026-01", "--json"),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    worker = _worker(office)
    until = time.monotonic() + 60
    locks = office.folder / "data" / "locks"
    while not list(locks.glob("*.holder.json")) and time.monotonic() < until:
        time.sleep(0.02)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=60) == 0
    months = store.months_of_night(store.open_night().id)  # type: ignore[union-attr]
    assert sum(month.visits for month in months) == 1
    store.close()
    another = _worker(office)
    out, _ = night.communicate(timeout=120)
    assert json.loads(out)["groups"]["closed"] == 2
    another.terminate()
    assert another.wait(timeout=60) == 0


def test_the_database_loses_every_connection_again_and_again(
    bureau: tuple[Office, Office], postgres: str
) -> None:
    """What systemd does is done here: whoever ends with 3 is started again."""
    office, _ = bureau
    words = ("night", "--distributed", "--until", "2026-01", "--json")
    admin = sa.create_engine(ADMIN, isolation_level="AUTOCOMMIT")
    end = sa.text("select pg_terminate_backend(pid) from pg_stat_activity where datname = :name")
    worker, night, losses = _worker(office), _night(office, *words), 0
    until = time.monotonic() + 150
    while time.monotonic() < until:
        time.sleep(0.9)
        if losses < 6:
            with admin.connect() as connection:
                connection.execute(end, {"name": sa.make_url(postgres).database})
            losses += 1
        if worker.poll() is not None:
            assert worker.returncode == 3
            worker = _worker(office)
        if night.poll() == 3 and '"groups"' not in night.communicate()[0]:
            night = _night(office, *words)  # it could not even begin, or not look on
        elif night.poll() is not None:
            break
    admin.dispose()
    assert night.returncode == 0
    for company in bureau:
        sent = _accepted(company)
        assert len(sent) == len(set(sent)) == 2
    worker.terminate()
    assert worker.wait(timeout=60) in (0, 3)
    assert office.edefter("audit", "verify").code == 0


def _night(office: Office, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        office.command(*words), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def test_a_database_that_is_not_there_is_told(office: Office) -> None:
    office.on_postgres("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    answer = office.edefter("status")
    assert answer.code == 3
    assert "state_url" in answer.err


def _url(office: Office) -> str:
    line = next(
        row for row in office.config.read_text(encoding="utf-8").splitlines()
        if row.startswith("state_url")
    )  # fmt: skip
    return line.partition('"')[2].rstrip('"')
