"""Packages are known by content, kept by hash, and chosen by date or hash."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path

import pytest

from edefter.errors import ConfigError
from edefter.validation.official.members import Member, find_members
from edefter.validation.official.package import choose_package, import_package, list_packages
from tests.support.official_package import (
    RULE_FILES,
    SVRL_YEVMIYE,
    VIEW,
    package_files,
    write_zip,
)


def found(files: dict[str, bytes], *names: str, **dates: date):
    members = [
        Member(path, dates.get(path.rpartition("/")[2].partition(".")[0], date(2025, 9, 12)), data)
        for path, data in files.items()
        if path.lower().endswith((".xsd", ".sch", ".xsl", ".xslt"))
    ]
    return find_members(members, names)


def test_everything_is_found_under_its_usual_name() -> None:
    answer = found(package_files())
    assert answer.schema == "xsd/edefter.xsd"
    assert answer.rules == {family: f"sch/{name}" for family, (name, _) in RULE_FILES.items()}
    assert answer.newest == date(2025, 9, 12)
    assert answer.version == ""


def test_names_do_not_matter_where_the_content_is_clear() -> None:
    files = {}
    for path, data in package_files().items():
        if path.endswith(".sch"):
            path = f"kurallar/{len(files)}.sch"
        files[path.replace("xsd/edefter.xsd", "Şema/ana.xsd")] = data
    answer = found(files)
    assert answer.schema == "Şema/ana.xsd"
    assert set(answer.rules) == {"Y", "K", "B", "R", "E", "EB"}
    for family, (_, ours) in RULE_FILES.items():
        assert f'id="{family}-GEN-02"' in files[answer.rules[family]].decode(), ours


def test_a_name_that_contradicts_the_content_is_not_believed() -> None:
    files = package_files(families="Y")
    files["sch/edefter_kebir.sch"] = files.pop("sch/edefter_yevmiye.sch")
    assert found(files).rules == {"Y": "sch/edefter_kebir.sch"}


def test_stylesheets_for_viewing_are_no_rules() -> None:
    files = package_files(families="")
    assert found(files).rules == {}
    files["xslt/yevmiye.xslt"] = SVRL_YEVMIYE
    files["xslt/kebir.xslt"] = VIEW
    assert found(files).rules == {"Y": "xslt/yevmiye.xslt"}


def test_sources_go_before_compiled_rules_and_the_youngest_before_older_ones() -> None:
    files = package_files(families="Y")
    files["2015/yevmiye.xsl"] = SVRL_YEVMIYE
    files["eski/yevmiye_eski.sch"] = files["sch/edefter_yevmiye.sch"]
    files["yeni/yevmiye_yeni.sch"] = files["sch/edefter_yevmiye.sch"]
    newest = date(2026, 1, 5)
    answer = found(files, yevmiye_yeni=newest, yevmiye_eski=date(2017, 7, 1))
    assert answer.rules == {"Y": "yeni/yevmiye_yeni.sch"}
    assert answer.newest == newest


def test_parts_that_others_include_and_damaged_files_are_no_candidates() -> None:
    part = b'<pattern xmlns="http://purl.oclc.org/dsdl/schematron"/>'
    files = {**package_files(families="K"), "sch/yevmiye.sch": part, "sch/berat.sch": b"<"}
    assert found(files).rules == {"K": "sch/edefter_kebir.sch"}


def test_of_two_schemas_the_one_with_the_documents_is_the_main_one() -> None:
    files = package_files()
    files["edefter.xsd"] = (
        b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"'
        b' targetNamespace="http://www.edefter.gov.tr"/>'
    )
    assert found(files).schema == "xsd/edefter.xsd"


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("e-Defter_Paketi", ""),
        ("e-Defter_Paketi_v1.7", "1.7"),
        ("Paket Sürüm 2", "2"),
        ("e-Defter Paketi 12.09.2025", "12.09.2025"),
        ("edefter-paketi-2015-05-12", "2015-05-12"),
        ("paket202509", "202509"),
        ("xbrl-gl", ""),
        ("1234567890123456", ""),
    ],
)
def test_version_is_what_a_name_tells_or_nothing(name: str, version: str) -> None:
    assert found(package_files(), name).version == version


def test_the_version_of_the_schema_goes_first() -> None:
    files = package_files()
    files["xsd/edefter.xsd"] = files["xsd/edefter.xsd"].replace(
        b"<xs:schema ", b'<xs:schema version="1.5 (2025)" ', 1
    )
    assert found(files, "paket_v9").version == "1.5 (2025)"


def test_import_keeps_zip_and_record(tmp_path: Path) -> None:
    source = write_zip(tmp_path / "e-Defter Paketi İstanbul.zip", package_files())
    kept = import_package(source, tmp_path / "official")
    assert kept.path.read_bytes() == source.read_bytes()
    assert kept.path.name == f"{kept.sha256}.zip"
    assert kept.file_count == len(package_files())
    assert kept.families == "Y K B R E EB"
    assert list_packages(tmp_path / "official") == [kept]
    record = json.loads(kept.path.with_suffix(".json").read_text(encoding="utf-8"))
    assert record["source"] == "e-Defter Paketi İstanbul.zip"
    assert str(tmp_path) not in json.dumps(record)


def test_files_of_a_kept_package_are_schemas_and_rules_alone(tmp_path: Path) -> None:
    kept = import_package(write_zip(tmp_path / "p.zip", package_files()), tmp_path / "o")
    names = set(kept.files())
    assert names == {n for n in package_files() if not n.endswith((".txt", ".zip"))}
    kept.path.unlink()
    with pytest.raises(ConfigError, match="changed"):
        kept.files()


@pytest.mark.parametrize(
    ("files", "key"),
    [
        ({"a.txt": b"x"}, "no_schema"),
        ({n: d for n, d in package_files().items() if n.startswith("sch/")}, "no_schema"),
        ({n: d for n, d in package_files().items() if n.startswith("xsd/")}, "no_rules"),
    ],
)
def test_what_is_no_e_defter_package(files: dict[str, bytes], key: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=key):
        import_package(write_zip(tmp_path / "p.zip", files), tmp_path / "o")


@pytest.mark.parametrize("name", ["yok.zip", ""])
def test_no_such_file(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no_file"):
        import_package(tmp_path / name, tmp_path / "o")


def test_the_package_imported_last_is_used_unless_another_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "o"
    with pytest.raises(ConfigError, match=r"official\.none"):
        choose_package(folder)
    old = write_zip(tmp_path / "1.zip", package_files())
    first = import_package(old, folder)
    second = import_package(write_zip(tmp_path / "2.zip", package_files(ids=False)), folder)
    assert choose_package(folder) == second
    assert choose_package(folder, first.sha256[:6].upper()) == first
    again = import_package(old, folder)
    assert choose_package(folder) == again
    assert len(list_packages(folder)) == 2
    with pytest.raises(ConfigError, match="unknown") as unknown:
        choose_package(folder, "zz")
    assert first.sha256[:12] in unknown.value.text()


def test_a_prefix_of_several_packages_is_not_guessed(tmp_path: Path) -> None:
    folder, seen = tmp_path / "o", {}
    for number in range(17):  # two of 17 hashes begin alike
        files = {**package_files(families="EB"), "no.txt": str(number).encode()}
        kept = import_package(write_zip(tmp_path / "p.zip", files), folder)
        if kept.sha256[0] in seen:
            break
        seen[kept.sha256[0]] = kept
    with pytest.raises(ConfigError, match="ambiguous"):
        choose_package(folder, kept.sha256[0])


def test_records_without_a_zip_and_strange_files_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "o"
    kept = import_package(write_zip(tmp_path / "p.zip", package_files()), folder)
    (folder / "bozuk.json").write_text("{")
    (folder / "baska.json").write_text('{"a": 1}')
    (folder / f"{'0' * 64}.json").write_text(kept.path.with_suffix(".json").read_text())
    assert list_packages(folder) == [kept]


def test_a_date_of_zeros_in_the_zip(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in package_files().items():
            archive.writestr(zipfile.ZipInfo(name), data)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"\x00\x00\x21\x00", b"\x00\x00\x00\x00"))
    assert import_package(path, tmp_path / "o").newest == "1980-01-01"
