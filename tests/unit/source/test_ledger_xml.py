"""Existing e-Defter files as a source: their entries, or what of them we cannot hold."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from edefter.config.settings import SourceSettings
from edefter.errors import ConfigError, DataError
from edefter.model.finding import FindingLog
from edefter.model.inventory import INVENTORY
from edefter.model.journal import JOURNAL, JournalBatch, Layout
from edefter.source.open import open_source
from edefter.source.port import ReadRequest, VoucherSource

GOLDEN = Path(__file__).resolve().parents[3] / "samples" / "golden"
YEVMIYE = GOLDEN / "1234567808-202601-Y-000000.xml"


def source(path: Path) -> VoucherSource:
    settings = SourceSettings(kind="edefter", path=path)
    return open_source("eski", settings, lambda _: "")


def read(
    path: Path, findings: FindingLog, *, layout: Layout = JOURNAL, branch: str = "",
    company: str = "", month: int = 1,
) -> list[JournalBatch]:  # fmt: skip
    request = ReadRequest(
        company=company, branch=branch, first_day=date(2026, month, 1),
        last_day=date(2026, month, 28), layout=layout,
    )  # fmt: skip
    return list(source(path).read(request, findings))


def changed(folder: Path, change: Callable[[str], str]) -> Path:
    path = folder / YEVMIYE.name
    path.write_text(change(YEVMIYE.read_text(encoding="utf-8")), encoding="utf-8")
    return path


def test_the_entries_of_a_yevmiye() -> None:
    findings = FindingLog()
    (batch,) = read(YEVMIYE, findings)
    assert not findings.total
    first, second = batch.vouchers()
    assert (first.entry_number, first.entered_by, first.entry_no) == ("M0001", "İrem Şahin", 1)
    assert [line.main_account for line in first.lines] == ["120", "600", "391"]
    assert first.lines[0].sub_description == "Iğdır Şişecilik <Merkez>"
    assert [str(line.amount) for line in first.lines] == ["1200.00", "1000.00", "200.00"]
    assert [line.line_no for line in second.lines] == [4, 5]
    assert second.lines[1].payment_method == "Banka"


def test_the_entries_of_an_inventory() -> None:
    findings = FindingLog()
    (batch,) = read(GOLDEN, findings, layout=INVENTORY)
    assert not findings.total and len(batch) == 5
    assert batch.frame["item_code"].to_list() == [None, None, "BRD-1", "KUM", None]
    assert batch.frame["original_currency"].to_list()[1] == "USD"


def test_a_folder_gives_what_is_asked_for(tmp_path: Path) -> None:
    for name in ("1234567808-202601-Y-000001-0002.xml", "1234567808-202602-Y-000000.xml",
                 "GIB-1234567808-202601-YB-000000.xml", "notlar.xml"):  # fmt: skip
        shutil.copy(YEVMIYE, tmp_path / name)
    assert source(tmp_path).check().ready
    findings = FindingLog()
    assert read(tmp_path, findings) == []
    assert len(read(tmp_path, findings, branch="0002")) == 1
    assert read(tmp_path, findings, branch="0002", company="3900383669") == []
    assert read(tmp_path, findings, month=2) == []  # its entries are of January
    assert not findings.total


@pytest.mark.parametrize(
    ("before", "element", "text"),
    [("detailComment", "terms", "peşin"), ("entryNumber", "entryNumber", "X")],
    ids=["unknown", "twice"],
)
def test_what_rows_cannot_hold_is_a_finding(
    tmp_path: Path, before: str, element: str, text: str
) -> None:
    place = f"<gl-cor:{before} "
    added = f'<gl-cor:{element} contextRef="journal_context">{text}</gl-cor:{element}>'
    findings = FindingLog()
    read(changed(tmp_path, lambda xml: xml.replace(place, added + place, 1)), findings)
    (found,) = findings
    assert (found.rule, found.place.field) == ("SRC-17", f"gl-cor:{element}")
    assert found.value == ("M0001" if element == before else text)
    assert found.place.xml_line and found.place.row == 1


def test_a_line_number_of_another_entry_is_a_finding(tmp_path: Path) -> None:
    findings = FindingLog()
    old = 'lineNumberCounter contextRef="journal_context" decimals="INF" unitRef="countable">2<'
    read(changed(tmp_path, lambda text: text.replace(old, old[:-2] + "7<", 1)), findings)
    assert [(f.rule, f.value) for f in findings] == [("SRC-12", "7")]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("<edefter:defter", "<!DOCTYPE x><edefter:defter", 1),
        lambda text: text[:-200],
        lambda text: text.replace("&amp;", "&nosuch;", 1),
    ],
)
def test_broken_or_hostile_files_are_refused(tmp_path: Path, change: Callable[[str], str]) -> None:
    with pytest.raises(DataError) as caught:
        read(changed(tmp_path, change), FindingLog())
    assert caught.value.key == "source.document_broken"


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        read(tmp_path / "yok", FindingLog())
    assert source(tmp_path / "yok").check().state == "misconfigured"
    with pytest.raises(ConfigError):
        open_source("eski", SourceSettings(kind="edefter"), lambda _: "")
