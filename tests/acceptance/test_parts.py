"""A month in several parts: divided by size, or by hand up to a day."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from tests.support.office import Answer, Office

PART_BYTES = 400_000  # divides the sample's January into several parts


def documents(office: Office, period: str = "2026-01") -> dict[str, str]:
    """State of each document by kind and part."""
    found = office.edefter("status", "--json").json[0]["documents"]
    return {f"{d['kind']}-{d['part']}": d["state"] for d in found if d["period"] == period}


def closed(answer: Answer) -> dict[str, object]:
    assert answer.code == 0, answer.out + answer.err
    (report,) = answer.json
    assert report["closed"] and report["archived"], report
    return report


def field(path: Path, name: str) -> list[str]:
    return re.findall(rf"<gl-\w+:{name} [^>]*>([^<]*)<", path.read_text(encoding="utf-8"))


def ledgers(office: Office, kind: str, period: str = "202601") -> list[Path]:
    return office.archived(f"{office.tax_number}-{period}-{kind}-*.xml")


def spans(office: Office) -> list[tuple[str, str]]:
    return [
        (field(path, "periodCoveredStart")[0], field(path, "periodCoveredEnd")[0])
        for path in ledgers(office, "Y")
    ]


def continuous(office: Office) -> None:
    """Entry and line numbers run from 1 through all parts of both books; days have no gap."""
    entries = [n for path in ledgers(office, "Y") for n in field(path, "entryNumberCounter")]
    lines = [n for path in ledgers(office, "Y") for n in field(path, "lineNumber")]
    kebir = [n for path in ledgers(office, "K") for n in field(path, "lineNumber")]
    assert entries == [str(n + 1) for n in range(len(entries))]
    assert lines == [str(n + 1) for n in range(len(lines))]
    assert sorted(map(int, kebir)) == list(map(int, lines))
    days = spans(office)
    assert (days[0][0], days[-1][1]) == ("2026-01-01", "2026-01-31")
    for (_, end), (start, _) in pairwise(days):
        assert int(start[-2:]) - int(end[-2:]) in (0, 1)


def test_a_month_too_large_for_one_file_closes_in_parts(office: Office) -> None:
    office.write_config(ledger__part_bytes=PART_BYTES)
    whole = closed(office.run("2026-01", "--json"))
    parts = [path.name.split("-")[3][:6] for path in ledgers(office, "Y")]
    assert len(parts) >= 3 and parts == [f"{n + 1:06d}" for n in range(len(parts))]
    assert parts == [path.name.split("-")[3][:6] for path in ledgers(office, "K")]
    sizes = [path.stat().st_size for kind in "YK" for path in ledgers(office, kind)]
    assert max(sizes) < PART_BYTES
    continuous(office)
    totals = whole["totals"]
    assert isinstance(totals, dict)
    sums = {(t["lines"], t["debit_kurus"], t["credit_kurus"]) for t in totals.values()}
    assert len(sums) == 1 and next(iter(sums))[0] == len(
        [n for path in ledgers(office, "Y") for n in field(path, "lineNumber")]
    )
    together = office.edefter("validate", str(office.archive), "--own")
    assert together.code == 0, together.out + together.err
    assert office.edefter("verify", str(office.archive), "--no-rules").code == 0
    # The next month goes on behind the last part; serials grew with every part.
    office.write_config()
    closed(office.run("2026-02", "--json"))
    (february,) = ledgers(office, "Y", "202602")
    assert field(february, "uniqueID")[0] == f"YEV202602{len(parts) + 1:06d}"
    last = int(field(ledgers(office, "Y")[-1], "entryNumberCounter")[-1])
    assert field(february, "entryNumberCounter")[0] == str(last + 1)


def test_a_rejected_part_is_made_again_alone(office: Office) -> None:
    office.write_config(ledger__part_bytes=PART_BYTES)
    office.world.gib.set_knobs(reject={"sendDocumentFile": "Berat hatalı", "times": 1})
    assert office.run("2026-01").code == 6
    states = documents(office)
    assert list(states.values()).count("rejected") == 1
    office.world.gib.set_knobs()
    assert office.edefter("build", "2026-01", "--again", "--reason", "deneme").code == 0
    closed(office.run("2026-01", "--json"))
    continuous(office)


def test_corrected_data_may_need_fewer_parts(office: Office) -> None:
    """What was built and not sent is laid out anew; the parts that are gone leave nothing."""
    office.write_config(ledger__part_bytes=PART_BYTES)
    assert office.edefter("sign", "2026-01").code == 0
    before = documents(office)
    assert {name[2:] for name in before} >= {"000001", "000002", "000003"}
    office.write_config()
    assert office.edefter("build", "2026-01", "--again", "--reason", "tek dosya").code == 0
    assert documents(office) == {"Y-000000": "prechecked", "K-000000": "prechecked"}
    work = [p.name for p in (office.folder / "data" / "work").rglob("*-00000[123]*")]
    assert work == []
    closed(office.run("2026-01", "--json"))


def test_part_by_hand_then_the_rest(office: Office) -> None:
    first = office.run("2026-01", "--until", "2026-01-10", "--json")
    assert first.code == 0, first.err
    (report,) = first.json
    assert not report["closed"] and documents(office) == {
        "Y-000001": "archived",
        "K-000001": "archived",
    }
    assert any(w["key"] == "engine.month_stays_open" for w in report["warnings"])
    # February waits for the rest of January.
    early = office.run("2026-02")
    assert early.code == 4 and "202601-YB-000002" in early.err, early.err
    again = office.run("2026-01", "--until", "2026-01-10", "--json")
    assert again.code == 0 and len(office.sends()) == 2
    refused = office.run("2026-01", "--until", "2026-01-09")
    assert refused.code != 0 and "2026-01-10" in refused.err and "Ne yapmalı:" in refused.err
    second = office.run("2026-01", "--until", "2026-01-20", "--json")
    assert second.code == 0, second.err
    closed(office.run("2026-01", "--json"))
    assert spans(office) == [
        ("2026-01-01", "2026-01-10"), ("2026-01-11", "2026-01-20"), ("2026-01-21", "2026-01-31"),
    ]  # fmt: skip
    continuous(office)
    assert office.edefter("validate", str(office.archive), "--own").code == 0
    closed(office.run("2026-02", "--json"))


def test_an_entry_added_to_days_that_gib_has_is_never_lost(office: Office) -> None:
    assert office.run("2026-01", "--until", "2026-01-10").code == 0
    office.sql(
        "UPDATE voucher_lines SET debit_kurus = debit_kurus + (debit_kurus > 0),"
        " credit_kurus = credit_kurus + (credit_kurus > 0) WHERE voucher_id ="
        " (SELECT id FROM vouchers WHERE voucher_date <= '2026-01-10' ORDER BY id LIMIT 1)"
    )
    stopped = office.run("2026-01")
    assert stopped.code == 6, stopped.out + stopped.err
    assert "2026-01-01 - 2026-01-10" in stopped.err and "Ne yapmalı:" in stopped.err
    assert set(documents(office)) == {"Y-000001", "K-000001"}


def test_days_that_are_no_part(office: Office) -> None:
    for day, word in (("2026-02-01", "2026-02-01"), ("15.01.2026", "15.01.2026")):
        answer = office.run("2026-01", "--until", day)
        assert answer.code == 2 and word in answer.err and "Ne yapmalı:" in answer.err
    future = office.run("2026-12", "--until", "2026-12-30")
    assert future.code != 0 and "Ne yapmalı:" in future.err


def test_a_part_not_sent_yet_gives_way_to_the_whole_month(office: Office) -> None:
    assert office.edefter("sign", "2026-01", "--until", "2026-01-10").code == 0
    assert documents(office) == {"Y-000001": "packaged", "K-000001": "packaged"}
    closed(office.run("2026-01", "--json"))
    assert set(documents(office)) == {"Y-000000", "K-000000"}
    (yevmiye,) = ledgers(office, "Y")
    assert field(yevmiye, "creationDate")[0] > "2026-01-31"
