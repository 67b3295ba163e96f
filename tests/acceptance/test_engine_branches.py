"""Books of branches, and the state database on PostgreSQL."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

from edefter.config.settings import SourceSettings
from edefter.engine.services import utc_now
from edefter.state.store import Store
from tests.support.archives import rebuilt_alike
from tests.support.office import SAMPLES, Office

BRANCHES = '[{number="0001", name="Kadıköy Şubesi"}, {number="0002", name="Beşiktaş Şubesi"}]'


def _with_branches(office: Office) -> Office:
    """Every voucher belongs to one of two branches; the source selects by its branch column."""
    view = "select * from (select j.*, case when cast(j.entry_key as integer) % 2 = 0 then "
    view += "'0001' else '0002' end as kept_by from edefter_journal j)"
    names = "company, kept_by as branch, " + ", ".join(_columns(office)[2:])
    office.sql(f"create view branch_books as select {names} from ({view})")
    office.write_config(
        source=SourceSettings(
            kind="sql",
            url=f"sqlite:///{office.database}",
            query="select * from branch_books",
            numbering="assign",
        )
    )
    answer = office.edefter(
        "company", "add", "--file", str(SAMPLES / "company.toml"),
        "--set", f'tax_id="{office.tax_number}"', "--set", f"branches={BRANCHES}",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    return office


def _columns(office: Office) -> list[str]:
    import sqlite3

    connection = sqlite3.connect(office.database)
    names = [row[1] for row in connection.execute("pragma table_info(edefter_journal)")]
    connection.close()
    return names


def test_two_branches_close_each_by_itself(make_office: Callable[..., Office]) -> None:
    office = _with_branches(make_office())
    for period in ("2026-01", "2026-02"):
        answer = office.run(period, "--json")
        assert answer.code == 0, answer.out + answer.err
        assert [report["branch"] for report in answer.json] == ["0001", "0002"]
        assert all(report["archived"] for report in answer.json)
        lines = [report["totals"]["source"]["lines"] for report in answer.json]
        assert all(lines)
    accepted = [r["package_id"] for r in office.sends() if r["verdict"] == "accepted"]
    assert len(accepted) == len(set(accepted)) == 8
    stem = f"{office.tax_number}-202601"
    names = {path.name for path in office.archived()}
    for branch in ("0001", "0002"):
        assert f"{stem}-Y-000000-{branch}.xml" in names
        assert f"GIB-{stem}-KB-000000-{branch}.xml" in names
        (journal,) = office.archived(f"{stem}-Y-000000-{branch}.xml")
        text = journal.read_text(encoding="utf-8")
        assert f"-{branch}" in text or f">{branch}<" in text
    assert office.edefter("archive", "verify").code == 0
    assert office.edefter("verify", str(office.archive)).code == 0
    rebuilt_alike(office)


def test_one_branch_behind_does_not_hold_the_other(make_office: Callable[..., Office]) -> None:
    office = _with_branches(make_office())
    assert office.edefter("run", "2026-01", "--branch", "0001").code == 0
    answer = office.run("2026-02", "--json")
    assert answer.code == 4
    done = {report["branch"]: report["closed"] for report in answer.json}
    assert done == {"0001": True, "0002": False}


def test_state_in_postgresql_from_end_to_end(
    make_office: Callable[..., Office], postgres: str
) -> None:
    office = make_office()
    office.on_postgres(postgres)
    office.register()
    run = subprocess.Popen(
        office.command("run", "2026-01"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(2.5)
    run.kill()
    run.wait()
    office.unlock()  # with a token, a kill in the middle of a login asks for a person
    for period in ("2026-01", "2026-02"):
        answer = office.run(period, "--json")
        assert answer.code == 0, answer.out + answer.err
        assert answer.json[0]["archived"]
    assert not (office.folder / "data" / "state.db").exists()
    accepted = [r["package_id"] for r in office.sends() if r["verdict"] == "accepted"]
    assert len(accepted) == len(set(accepted)) == 4
    store = Store(postgres, utc_now)
    assert store.verify_audit() is None
    store.close()


def test_two_machines_on_one_company_exactly_one_proceeds(
    make_office: Callable[..., Office], postgres: str
) -> None:
    """Two data folders (two machines), one state database: the database's lock decides."""
    one = make_office()
    one.on_postgres(postgres)
    one.register()
    two = make_office(tax_number=one.tax_number)
    two.on_postgres(postgres)
    one.world.gib.set_knobs(berat_delay_s=4)
    first = subprocess.Popen(
        one.command("run", "2026-01"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    holder = one.folder / "data" / "locks" / f"{one.tax_number}.holder.json"
    until = time.monotonic() + 20
    while not holder.exists() and time.monotonic() < until:
        time.sleep(0.02)
    second = two.run("2026-01")
    assert second.code == 3, second.err
    assert str(first.pid) in second.err
    assert first.wait(timeout=60) == 0
    after = two.run("2026-01", "--json")
    assert after.json[0]["closed"]
    accepted = [r["package_id"] for r in one.sends() if r["verdict"] == "accepted"]
    assert len(accepted) == 2


def test_first_start_on_two_machines_migrates_once(postgres: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        for store in pool.map(lambda _: Store(postgres, utc_now), range(4)):
            assert store.companies() == []
            store.close()
