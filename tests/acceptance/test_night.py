"""`edefter night`, `calendar` and `audit` at the command line, against the rehearsal world."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable

import pytest

from tests.support.office import Office, fresh_vkn


def _with_company(office: Office, code: str, *, sealed: bool = True) -> Office:
    """Register another company with a database of its own; `office` as seen from it."""
    number = fresh_vkn()
    database = office.folder / f"{code}.sqlite"
    shutil.copy(office.database, database)
    seal, password = office.world.seal_for(number if sealed else office.tax_number, code)
    with office.config.open("a", encoding="utf-8") as config:
        config.write(
            f'\n[sources.{code}]\nkind = "sql"\nurl = "sqlite:///{database}"\n'
            f'\n[seals.{code}]\nkind = "pkcs12"\npath = "{seal.path}"\n'
            f'password = {{ file = "{password}" }}\n'
        )
    office.register(code=code, tax_id=number, source=code, seal=code)
    other = Office.__new__(Office)
    other.world, other.folder, other.tax_number = office.world, office.folder, number
    other.database, other.config = database, office.config
    return other


def _spoil(office: Office) -> None:
    """One line's amount is changed: its voucher does not balance any more."""
    with sqlite3.connect(office.database) as books:
        books.execute(
            "UPDATE voucher_lines SET debit_kurus = debit_kurus + 1 WHERE id ="
            " (SELECT min(id) FROM voucher_lines WHERE debit_kurus > 0)"
        )
    books.close()


@pytest.fixture
def offices(office: Office) -> dict[str, Office]:
    """The sample company and two more, of which one has a mistake and one another's seal."""
    wrong = _with_company(office, "hatali")
    _spoil(wrong)
    return {
        "ornek": office,
        "hatali": wrong,
        "muhurlu": _with_company(office, "muhurlu", sealed=False),
    }


def _accepted(office: Office) -> list[str]:
    return sorted(r["package_id"] for r in office.sends() if r.get("verdict") == "accepted")


def test_each_company_comes_as_far_as_it_can(offices: dict[str, Office]) -> None:
    office = offices["ornek"]
    offices["ornek"].world.gib.set_knobs(queued_polls=2)
    night = office.edefter("night", "--until", "2026-01", "--json")
    groups = {m["company"]: m["group"] for m in night.json["months"]}
    own = next(code for code in groups if code not in ("hatali", "muhurlu"))
    assert groups == {own: "closed", "hatali": "needs_data", "muhurlu": "refused"}, night.err
    assert night.code == night.json["exit_code"] == 4
    visits = {m["company"]: m["visits"] for m in night.json["months"]}
    assert visits[own] > 1, "GİB made it wait, and it was come back to"
    assert len(_accepted(office)) == 2
    assert _accepted(offices["hatali"]) == _accepted(offices["muhurlu"]) == []
    # The next night: what is done is not in the list, and nothing is sent twice.
    again = office.edefter("night", "--until", "2026-01")
    shown = office.edefter("night", "--until", "2026-01", "--list", "--json").json
    assert {item["company"] for item in shown} == {"hatali", "muhurlu"}
    assert again.code == 4
    assert "reddedildi" in again.out and "veri düzeltilmeli" in again.out
    assert len(_accepted(office)) == 2


def test_months_of_a_company_follow_each_other(office: Office) -> None:
    night = office.edefter("night", "--until", "2026-02", "--json")
    assert [(m["period"], m["group"]) for m in night.json["months"]] == [
        ("2026-01", "closed"), ("2026-02", "closed"),
    ]  # fmt: skip
    assert night.code == 0
    assert office.edefter("night", "--until", "2026-02").out.strip() == (
        "Bu gece yapılacak bir şey yok."
    )


def test_when_the_time_is_over_the_next_night_goes_on(
    make_office: Callable[..., Office],
) -> None:
    office = make_office()
    office.write_config(night__budget_s=0.05)
    office.register()
    office.world.gib.set_knobs(queued_polls=3)
    first = office.edefter("night", "--until", "2026-01", "--json")
    assert first.code == 3
    assert first.json["groups"]["waiting"] == 1
    assert len(_accepted(office)) == 2
    office.write_config()
    second = office.edefter("night", "--until", "2026-01", "--json")
    assert second.code == 0, second.err
    assert len(_accepted(office)) == 2


def test_a_schedule_goes_on_where_the_run_before_stood(
    make_office: Callable[..., Office],
) -> None:
    """Each run that asks once counts; the waits of the next one are the later ones."""
    office = make_office()
    office.write_config(gib__poll_limit_s=0.0)
    office.register()
    office.world.gib.set_knobs(queued_polls=50)
    for _ in range(3):
        assert office.run("2026-01").code == 3
    with sqlite3.connect(office.folder / "data" / "state.db") as state:
        asked = [n for (n,) in state.execute("SELECT asked_times FROM document")]
    state.close()
    assert min(asked) >= 2
    office.world.gib.set_knobs()
    office.write_config()
    assert office.run("2026-01").code == 0


def test_words_that_nobody_knows_wait_until_the_limit_over_all_runs(
    make_office: Callable[..., Office],
) -> None:
    """A visit of the night asks once; that alone is no reason to call a person."""
    office = make_office()
    office.write_config(night__budget_s=0.05)
    office.register()
    office.world.gib.set_knobs(status_text="Bambaşka bir söz")
    first = office.edefter("night", "--until", "2026-01", "--json")
    assert first.json["groups"]["waiting"] == 1, first.out
    assert first.code == 3


def test_the_calendar_shows_the_last_days(office: Office) -> None:
    shown = office.edefter("calendar", "2026-01", "--json")
    (month,) = shown.json
    assert (month["last_day"], month["state"]) == ("2026-06-30", "new")
    assert [step["kind"] for step in month["steps"]] == ["rule", "extension"]
    with office.config.open("a", encoding="utf-8") as config:
        config.write(
            "\n[extensions.sirkuler-999]\noriginal = 2026-06-30\nuntil = 2026-07-20\n"
            'source = "VUK Sirküleri/999"\n'
        )
    (month,) = office.edefter("calendar", "2026-01", "--json").json
    assert month["last_day"] == "2026-07-20"
    assert "VUK Sirküleri/999" in office.edefter("calendar", "2026-01").out
    every = office.edefter("calendar", "--json").json
    assert [m["period"] for m in every][:2] == ["2026-01", "2026-02"]
    wrong = office.config.read_text(encoding="utf-8").replace("2026-07-20", "2026-06-01")
    office.config.write_text(wrong, encoding="utf-8")
    assert office.edefter("calendar").code == 2


def test_a_month_that_is_late_says_so(office: Office) -> None:
    late = office.run("2026-01")
    assert late.code == 0
    assert "yasal sürenin son günü 2026-06-30 idi" in late.err


def test_the_audit_chain_is_verified_and_shown(office: Office) -> None:
    assert office.edefter("build", "2026-01").code == 0
    whole = office.edefter("audit", "verify", "--json").json
    assert whole["whole"] and whole["records"] > 3
    shown = office.edefter("audit", "show", "2026-01", "--json").json
    assert "prechecked" in {record["to_state"] for record in shown}
    with sqlite3.connect(office.folder / "data" / "state.db") as state:
        state.execute("UPDATE audit SET cause = 'başka' WHERE seq = 2")
    state.close()
    broken = office.edefter("audit", "verify")
    assert broken.code == 6
    assert "2. kayıtta" in broken.err
    assert json.loads(office.edefter("audit", "verify", "--json").out)["exit_code"] == 6
