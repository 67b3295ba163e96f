"""The defter raporu of a closed month: of all kebirs, signed, archived, sent where wanted."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from tests.acceptance.test_parts import PART_BYTES, documents, ledgers
from tests.support.archives import rebuilt_alike
from tests.support.office import Office


def turnovers(path: Path) -> dict[tuple[str, str], int]:
    """Kuruş by main account and side, over all lines of a kebir or report."""
    text = path.read_text(encoding="utf-8")
    sums: dict[tuple[str, str], int] = {}
    for line in re.findall(r"<gl-cor:entryDetail>.*?</gl-cor:entryDetail>", text, re.DOTALL):
        account, side, amount = (
            re.search(rf"<gl-cor:{name} [^>]*>([^<]*)<", line)[1]
            for name in ("accountMainID", "debitCreditCode", "amount")
        )
        kurus = int(amount.replace(".", ""))
        sums[account, side] = sums.get((account, side), 0) + kurus
    return {key: kurus for key, kurus in sums.items() if kurus}


def report_of(office: Office) -> Path:
    (path,) = ledgers(office, "DR")
    return path


def test_report_of_a_divided_month_is_sent_and_archived(office: Office) -> None:
    office.write_config(ledger__part_bytes=PART_BYTES, gib__report="send")
    answer = office.run("2026-01", "--json")
    assert answer.code == 0, answer.err
    (month,) = answer.json
    assert month["closed"] and month["archived"]
    row = next(row for row in month["files"] if "-DR-" in row["name"])
    assert row["state"] == "archived" and row["receipt"]
    path = report_of(office)
    assert documents(office)["DR-000000"] == "archived"
    summed: dict[tuple[str, str], int] = {}
    kebirs = ledgers(office, "K")
    assert len(kebirs) >= 3
    for kebir in kebirs:
        for key, kurus in turnovers(kebir).items():
            summed[key] = summed.get(key, 0) + kurus
    assert turnovers(path) == summed
    assert office.edefter("validate", str(office.archive), "--own").code == 0
    assert office.edefter("verify", str(path)).code == 0
    last = office.sends()[-1]
    assert f"{office.tax_number}-202601-DR-000000" in str(last), "it goes after all berats"
    (package,) = (office.folder / "data" / "work").rglob("*-DR-*.zip")
    with zipfile.ZipFile(package) as archive:
        assert archive.namelist() == [path.name]
    sent = len(office.sends())
    again = office.run("2026-01")
    assert again.code == 0 and len(office.sends()) == sent
    # It is no book: the next month neither counts nor waits for it.
    assert office.run("2026-02").code == 0


def test_report_is_made_but_not_sent(office: Office) -> None:
    office.write_config(gib__report="make")
    assert office.run("2026-01").code == 0
    assert documents(office)["DR-000000"] == "archived"
    assert all("-DR-" not in str(record) for record in office.sends())
    assert not list((office.folder / "data" / "work").rglob("*-DR-*.zip"))
    assert office.edefter("archive", "verify").code == 0
    rebuilt_alike(office)


def test_refused_report_holds_up_neither_archive_nor_next_month(office: Office) -> None:
    assert office.run("2026-01").code == 0
    office.write_config(gib__report="send")
    office.world.gib.set_knobs(reject={"sendDocumentFile": "Rapor hatalı", "times": 1})
    refused = office.run("2026-01")
    assert refused.code == 6 and "Rapor hatalı" in refused.err, refused.err
    office.world.gib.set_knobs()
    states = documents(office)
    assert states.pop("DR-000000") == "rejected"
    assert set(states.values()) == {"archived"}
    assert office.edefter("build", "2026-01", "--again", "--reason", "yeniden").code == 0
    assert office.run("2026-01").code == 0
    assert documents(office)["DR-000000"] == "archived"
    assert report_of(office).is_file()
