"""Time stamps: on every berat by configuration, and when GİB is down at the deadline."""

from __future__ import annotations

import json
import sqlite3

from lxml import etree

from tests.support.office import Office

XADES = "{http://uri.etsi.org/01903/v1.3.2#}"


def stamped(office: Office, pattern: str) -> list[bool]:
    """Whether each file holds a time stamp."""
    return [
        etree.parse(path).find(f".//{XADES}SignatureTimeStamp") is not None
        for path in office.archived(pattern)
    ]


def bought(office: Office) -> int:
    return len(office.world.tsa.received())


def test_every_berat_has_its_stamp_by_configuration(office: Office) -> None:
    office.write_config(timestamp__use="berats")
    before = bought(office)
    closed = office.run("2026-01")
    assert closed.code == 0, closed.out + closed.err
    assert stamped(office, "*-202601-?B-*.xml") == [True] * 4  # two berats, and both approved
    assert stamped(office, "*-202601-[YK]-*.xml") == [False] * 2
    assert bought(office) == before + 2
    assert office.edefter("verify", str(office.archive)).code == 0
    assert office.edefter("validate", str(office.archive)).code == 0


def test_an_authority_that_is_silent_stops_the_run_and_the_next_one_goes_on(office: Office) -> None:
    office.write_config(timestamp__use="berats")
    before = bought(office)
    office.world.tsa.set_knobs(cut=True)
    stopped = office.run("2026-01")
    assert stopped.code == 3 and "Zaman damgası sunucusu yanıt vermedi" in stopped.err
    assert office.sends() == [] and bought(office) == before + 1
    office.world.tsa.set_knobs()
    closed = office.run("2026-01")
    assert closed.code == 0, closed.err
    assert bought(office) == before + 3
    assert office.half_written() == []


def test_gib_down_at_the_deadline(office: Office) -> None:
    good = office.world.gib.port
    before = bought(office)
    office.write_config(gib__base_url="https://127.0.0.1:1", gib__poll_limit_s=2.0)
    down = office.run("2026-01")
    assert down.code == 3 and "edefter stamp" in down.err, down.err
    signed = office.edefter("stamp", "2026-01")
    assert signed.code == 0, signed.err
    assert bought(office) == before + 4  # ledgers and berats
    assert office.edefter("stamp", "2026-01").code == 0
    assert bought(office) == before + 4, "asked for once"
    assert _outage(office)["asked"] == "https://127.0.0.1:1"
    office.write_config(gib__base_url=f"https://127.0.0.1:{good}")
    there = office.edefter("stamp", "2026-01")
    assert there.code == 4 and "GİB yanıt veriyor" in there.err
    closed = office.run("2026-01")
    assert closed.code == 0, closed.err
    assert stamped(office, "*-202601-*.xml") == [True] * 6
    accepted = [item for item in office.sends() if item["verdict"] == "accepted"]
    assert len(accepted) == 2 and bought(office) == before + 4
    assert office.edefter("verify", str(office.archive)).code == 0
    late = office.edefter("stamp", "2026-02")
    assert late.code == 4
    office.write_config(timestamp__use="never")
    assert office.edefter("stamp", "2026-02").code == 2


def _outage(office: Office) -> dict:
    """The proof of the outage, as state keeps it."""
    connection = sqlite3.connect(office.folder / "data" / "state.db")
    rows = connection.execute("select * from audit").fetchall()
    connection.close()
    (found, *_) = [row for row in rows if "gib.outage" in map(str, row)]
    texts = [str(value) for value in found if "measured_at" in str(value)]
    proof = json.loads(texts[0])
    return proof.get("evidence", proof)
