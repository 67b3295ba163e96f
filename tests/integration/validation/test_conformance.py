"""All published conformance cases, judged by the command that users run."""

import tarfile

import pytest

from benchmarks import conformance


@pytest.fixture(scope="module")
def tally(shared):
    return conformance.run(shared / "conformance", {"Y", "K", "YB", "KB", "DR", "E", "EB"})


def test_every_verdict_is_the_official_one(tally):
    assert tally.disagreements == []
    assert tally.ok and tally.cases + tally.dtd_cases == 1137


def test_every_rule_fires_as_often_as_officially(tally):
    assert tally.count_agreements == tally.cases


def test_command_takes_an_unpacked_folder_and_prints_its_bars(shared, tmp_path, capsys):
    with tarfile.open(shared / "conformance" / "cases.tar.gz") as archive:
        wanted = [item for item in archive if "/KB/" in item.name]
        archive.extractall(tmp_path, members=wanted, filter="data")
    verdicts = (shared / "conformance" / "verdicts.jsonl").read_text(encoding="utf-8")
    target = tmp_path / "verdicts.jsonl"
    target.write_text(verdicts, encoding="utf-8")
    assert conformance.main(["--cases", str(tmp_path), "--kinds", "KB"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[-3:] == [
        "XSD verdicts agree: 91 (bar 91) ok",
        "rule sets agree: 91 (bar 91) ok",
        "DTDs refused: 0 (bar 0) ok",
    ]
    line = next(item for item in verdicts.splitlines() if '"kind": "KB"' in item)
    target.write_text(line.replace('"xsd": "', '"xsd": "un'), encoding="utf-8")
    assert conformance.main(["--cases", str(tmp_path), "--kinds", "KB"]) == 1
    assert "short" in capsys.readouterr().out
