"""The small ledgers in samples/golden, byte for byte.

After an intended change: `python -m tests.unit.ledger.test_golden` writes them anew; read the diff.
"""

from __future__ import annotations

import json
import tempfile
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from edefter.config.settings import SourceSettings
from edefter.ledger.head import LedgerHead
from edefter.ledger.inventory import build_inventory
from edefter.model.files import Counters
from edefter.model.finding import FindingLog
from edefter.model.inventory import INVENTORY
from edefter.model.journal import COLUMN, JournalBatch, Line, Voucher
from edefter.model.period import Period
from edefter.model.registration import read_registration
from edefter.source.convert import Converter
from edefter.source.ledger_xml import LedgerSource
from edefter.source.port import ReadRequest
from tests.support.building import build_part

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
GOLDEN = SAMPLES / "golden"
NAMES = tuple(f"1234567808-202601-{kind}-000000.xml" for kind in "YKE")


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    kinds = {"date": date.fromisoformat, "kurus": Decimal}
    return {name: kinds.get(COLUMN[name].type, lambda x: x)(v) for name, v in values.items()}


def _vouchers(raw: list[dict[str, Any]]) -> list[Voucher]:
    made = []
    for each in raw:
        lines = tuple(Line(**_typed(line)) for line in each.pop("lines"))
        made.append(Voucher(**_typed(each), lines=lines))
    return made


def _head(given: dict[str, Any], first_day: date, last_day: date) -> LedgerHead:
    company, _ = read_registration(tomllib.loads((SAMPLES / "company.toml").read_text("utf-8")))
    assert company is not None
    return LedgerHead(
        company=company,
        branch=None,
        period=Period.of(first_day),
        part="000000",
        first_day=first_day,
        last_day=last_day,
        creation_date=date.fromisoformat(given["creation_date"]),
        source_application=given["source_application"],
    )


def _build(folder: Path) -> None:
    _build_books(folder)
    _build_inventory(folder)


def _build_books(folder: Path) -> None:
    given = json.loads((GOLDEN / "input.json").read_text("utf-8"))
    days = (date.fromisoformat(given[name]) for name in ("first_day", "last_day"))
    part = build_part(
        [JournalBatch.from_vouchers(_vouchers(given["vouchers"]))],
        _head(given, *days),
        before=Counters(),
        numbering="source",
        folder=folder,
        findings=FindingLog(),
    )
    assert part is not None


def _build_inventory(folder: Path) -> None:
    given = json.loads((GOLDEN / "inventory.json").read_text("utf-8"))
    day, findings = date.fromisoformat(given["day"]), FindingLog()
    raw = pl.DataFrame(given["rows"], infer_schema_length=None)
    texts = raw.select(pl.all().cast(pl.String), pl.int_range(pl.len()).alias("source_row"))
    frame = Converter("golden", findings, INVENTORY).convert(texts)
    parts = build_inventory(
        [JournalBatch(frame, INVENTORY)],
        _head(given, day, day),
        before=Counters(),
        numbering="source",
        folder=folder,
        findings=findings,
    )
    assert parts is not None and len(parts) == 1, list(findings)


def test_golden_ledgers(tmp_path: Path) -> None:
    _build(tmp_path)
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (GOLDEN / name).read_bytes()


def test_read_back_as_a_source_they_come_out_the_same(tmp_path: Path) -> None:
    given = json.loads((GOLDEN / "input.json").read_text("utf-8"))
    first_day, last_day = (date.fromisoformat(given[name]) for name in ("first_day", "last_day"))
    findings = FindingLog()
    request = ReadRequest(company="", branch="", first_day=first_day, last_day=last_day)
    settings = SourceSettings(kind="edefter", path=GOLDEN)
    part = build_part(
        LedgerSource("golden", GOLDEN, settings).read(request, findings),
        _head(given, first_day, last_day),
        before=Counters(),
        numbering="source",
        folder=tmp_path,
        findings=findings,
    )
    assert part is not None and not findings.total
    for stored in (part.yevmiye, part.kebir):
        assert stored.path.read_bytes() == (GOLDEN / stored.path.name).read_bytes()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        _build(Path(made))
        for file_name in NAMES:
            (GOLDEN / file_name).write_bytes((Path(made) / file_name).read_bytes())
