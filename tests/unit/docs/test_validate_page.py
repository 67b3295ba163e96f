"""The page about `edefter validate` says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from edefter.cli.main import build_app
from edefter.messages import catalogue
from edefter.model.documents import Kind
from edefter.model.finding import Severity
from edefter.validation.batch.verdict import not_judged
from edefter.validation.inputs import Input, Limits
from edefter.validation.inputs.model import finding
from edefter.validation.reports.csv_report import COLUMNS
from edefter.validation.reports.plain import plain_verdict
from tests.support import zips
from tests.unit.validation.documents import document, put, spoiled

REPO = Path(__file__).resolve().parents[3]
PAGE = (REPO / "docs/reference/validate.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    assert found, title
    return found[1]


def test_every_option_is_described() -> None:
    command = get_command(build_app()).commands["validate"]
    options = {item.opts[0] for item in command.params if item.opts[0].startswith("--")}
    assert set(re.findall(r"^\| `(--[\w-]+)`", section("Options"), re.M)) == options - {"--help"}


def test_every_finding_of_inputs_is_listed_with_its_severity() -> None:
    rows = re.findall(r"^\| `((?:ZIP|FILE)-\d\d)` \| (.*) \|$", PAGE, re.M)
    declared = sorted(key[7:] for key in catalogue() if key.startswith("inputs."))
    assert [rule for rule, _ in rows] == declared
    for rule, reason in rows:
        warns = finding(rule, "a.zip").severity is Severity.WARNING
        assert warns == ("(warning)" in reason), rule


def test_columns_are_those_of_the_code() -> None:
    fields = re.findall(r"^\| `(\w+)` \|", section("JSON lines and CSV"), re.M)
    assert tuple(fields[: len(COLUMNS)]) == COLUMNS


def test_summary_fields_are_those_of_the_code() -> None:
    nothing = not_judged(Input(name="a.xml", shown="a.xml"), ())
    text = section("JSON lines and CSV").partition('"type": "summary"')[2]
    described = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (.*?) \|", text, re.M))))
    assert described - {"official"} == set(plain_verdict(nothing))


def test_limits_are_those_of_the_code() -> None:
    limits, text = Limits(), section("Limits of zips")
    for value in (
        f"{limits.members:,}",
        f"{limits.directory_bytes >> 20} MiB",
        f"{limits.member_bytes >> 30} GiB",
        f"{limits.zip_bytes >> 30} GiB",
        f"{limits.ratio} times",
        f"{limits.ratio_from_bytes >> 20} MiB",
        f"{limits.spare_disk_bytes >> 20} MiB",
    ):
        assert value in text


def test_example_of_the_how_to_runs_as_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (REPO / "docs/how-to/validate.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```", text, re.S)
    assert found
    name = "1234567808-202601-Y-000000.xml"
    data = spoiled(Kind.Y, put("//gl-cor:documentType", "fatura"))
    zips.packed(tmp_path / "gelen.zip", [(name, data)])
    (tmp_path / "arsiv").mkdir()
    (tmp_path / "arsiv" / name).write_bytes(document(Kind.Y))
    monkeypatch.chdir(tmp_path)
    exec(found[1], {})
    assert capsys.readouterr().out.splitlines() == [
        f"gelen.zip/{name} False",
        "F000001 ['XSD', 'XSD', 'YK-STR-10', 'YK-STR-10']",
        "F000002 ['XSD', 'XSD', 'YK-STR-10', 'YK-STR-10']",
        f"{Path('arsiv') / name} True",
    ]
