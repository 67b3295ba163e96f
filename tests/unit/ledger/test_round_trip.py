"""Valid documents of others through our reader and writer say what they said before.

`../shared/conformance` holds documents that GİB's own rules accept. Each whose head and rows have
a place in ours is read and written again; then every fact must be there, in its order.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from edefter.ledger.making import PlannedPart
from edefter.ledger.stage import Stage, prepare
from edefter.model.documents import DocumentName, Kind
from edefter.model.files import Counters
from edefter.model.finding import FindingLog
from edefter.model.inventory import INVENTORY
from edefter.model.journal import JOURNAL, Column, Layout
from edefter.observe.progress import SilentProgress
from edefter.source.convert import Converter
from edefter.source.ledger_xml import read_entries
from tests.support.conformance import valid_cases
from tests.support.round_trip import (
    Unsupported,
    facts,
    head_of,
    parse,
    refuse_empty_facts,
    sort_accounts,
)

_MULTI_CURRENCY = "{http://www.xbrl.org/int/gl/muc/2006-10-25}amountCurrency"


def _movement(column: Column) -> Column:
    """Headers of a kebir have neither person nor day nor number; lines have the entry's number."""
    target = "gl-cor:lineNumberCounter" if column.name == "entry_no" else column.target
    return Column(column.name, column.type, target)


_MOVEMENTS = Layout("", tuple(map(_movement, JOURNAL.columns)))


def rows_of(path: Path, kind: Kind, folder: Path) -> Stage:
    """Its rows, as they are kept before a book is written from them."""
    layout = {Kind.Y: JOURNAL, Kind.K: _MOVEMENTS, Kind.E: INVENTORY}[kind]
    findings = FindingLog()
    converter = Converter("x", findings, layout)
    frames = [converter.convert(raw) for raw in read_entries(path, layout, findings, source="x")]
    if problem := next(iter(findings), None):
        raise Unsupported(f"{problem.rule} {problem.place.field} {problem.value}")
    stage = Stage(folder, JOURNAL if kind is Kind.K else layout)
    for frame in frames:
        if frame["entry_no"].has_nulls() or frame["line_no"].has_nulls():
            raise Unsupported("no numbers")
        stage.add(prepare(frame, JOURNAL if kind is Kind.K else layout))
    return stage


def written(data: bytes, name: DocumentName, folder: Path) -> etree._Element:
    """The document as our writer makes it from what our reader took."""
    for each in ("attached", "rows", "out"):
        (folder / each).mkdir(parents=True)
    path = folder / name.xml
    path.write_bytes(data)
    root = parse(data)
    refuse_empty_facts(root)
    head, serial = head_of(root, name, folder / "attached")
    stage = rows_of(path, name.kind, folder / "rows")
    after = Counters(yevmiye_serial=serial, kebir_serial=serial, inventory_serial=serial)
    plan = PlannedPart(head, stage, Counters(), after)
    plan.write_book(name.kind, folder / "out", FindingLog(), SilentProgress())
    return parse((folder / "out" / name.xml).read_bytes())


@pytest.mark.parametrize(
    ("kind", "least"), [(Kind.Y, 48), (Kind.K, 47), (Kind.E, 32)], ids=lambda value: str(value)
)
def test_valid_documents_come_out_as_they_went_in(
    kind: Kind, least: int, shared: Path, tmp_path: Path
) -> None:
    left_out: Counter[str] = Counter()
    same = 0
    for case, file_name, data in valid_cases(shared, kind):
        try:
            name = DocumentName.parse(file_name)
            if name.kind is not kind:
                raise Unsupported("named as another kind")
            ours = written(data, name, tmp_path / case)
        except ValueError:
            left_out["file name"] += 1
            continue
        except Unsupported as reason:
            left_out[f"{case}: {reason}"] += 1
            continue
        root = parse(data)
        if kind is Kind.K:
            sort_accounts(root)
        keep = root.find(f".//{_MULTI_CURRENCY}") is not None
        assert facts(ours, keep_currency=keep) == facts(root, keep_currency=keep), case
        same += 1
    assert same >= least, left_out
