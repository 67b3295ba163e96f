"""Bundles from outside: whatever is not exactly ours is refused."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from edefter.archive.bundle import bundle_of, bundle_stem, ledger_of, write_bundle
from edefter.archive.errors import ContractViolation
from edefter.archive.manifest import Role, text_of
from edefter.archive.unbundle import read_bundle
from edefter.archive.vault import Vault
from edefter.config.keeping import ArchiveSettings
from edefter.model.documents import DocumentName, Kind
from edefter.model.period import FiscalYear, Period

LEDGER = DocumentName("1234567808", Period(2026, 1), Kind.Y)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A bundle of a month folder, as a file."""
    vault = Vault(ArchiveSettings(root=tmp_path), tmp_path)
    folder = vault.folder(
        LEDGER.tax_number, FiscalYear.containing(LEDGER.period.first_day), LEDGER.period
    )
    for name in (LEDGER, replace(LEDGER, kind=Kind.YB), replace(LEDGER, kind=Kind.K)):
        source = tmp_path / name.xml
        source.write_bytes(name.stem.encode())
        vault.put((source, name.xml), folder, str(name.kind))
    for name, role in (
        (f"{LEDGER}.receipt.jws", Role.RECEIPT),
        (f"{LEDGER}.ab.evidence", Role.OTHER),
    ):
        vault.put_bytes(name.encode(), name, folder, role)
    vault.put_stylesheets(folder)
    path = tmp_path / "bundle.zip"
    path.write_bytes(bundle_of(folder, LEDGER))
    return path


def test_what_a_bundle_says(made: Path) -> None:
    bundle = read_bundle(made)
    assert bundle.folder == "01.01.2026-31.12.2026/01"
    views = {"yevmiye.xslt", "kebir.xslt", "berat.xslt"}
    side = {f"{LEDGER}.receipt.jws", f"{LEDGER}.ab.evidence"}
    assert bundle.members.keys() == {"manifest.json", *views, *side}
    documents = {"1234567808-202601-Y-000000.xml", "1234567808-202601-YB-000000.xml"}
    assert bundle.rows.keys() == {*documents, *views, *side}
    sink = io.BytesIO()
    assert bundle.copy(f"{LEDGER}.receipt.jws", sink) == sha256(sink.getvalue()).hexdigest()
    assert sink.getvalue() == f"{LEDGER}.receipt.jws".encode()


def _again(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(path) as bundle:
        members = {name: bundle.read(name) for name in bundle.namelist()}
    change(members)
    with path.open("wb") as sink:
        write_bundle(sink, members)


def _say(members: dict[str, bytes], change: Callable[[dict], None]) -> None:
    document = json.loads(members["manifest.json"])
    change(document)
    members["manifest.json"] = json.dumps(document).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.pop("manifest.json"),
        lambda m: m.update({"manifest.json": b"[]"}),
        lambda m: m.update({"manifest.json": b"\xff"}),
        lambda m: m.update({"yevmiye.xslt": b"another"}),
        lambda m: _say(m, lambda d: d.update(folder="../../etc")),
        lambda m: _say(m, lambda d: d.update(folder="..//..")),
        lambda m: _say(m, lambda d: d.update(folder="one")),
        lambda m: _say(m, lambda d: d["files"][0].update(name="../x.xml")),
        lambda m: _say(m, lambda d: d["files"][0].update(name=".hidden")),
        lambda m: _say(m, lambda d: d["files"][0].update(sha256="abc")),
        lambda m: _say(m, lambda d: d["files"][0].pop("sha256")),
        lambda m: _say(m, lambda d: d.pop("files")),
    ],
)
def test_a_manifest_that_does_not_fit(
    made: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    _again(made, change)
    with pytest.raises(ContractViolation) as caught:
        read_bundle(made)
    assert caught.value.key == "archive.bundle_unusable"
    assert "bundle.zip" in caught.value.text("tr")


def _info(name: str, mode: int = 0o444) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


@pytest.mark.parametrize(
    ("info", "compression"),
    [
        (_info("packed"), zipfile.ZIP_DEFLATED),
        (_info("../up"), zipfile.ZIP_STORED),
        (_info("/root"), zipfile.ZIP_STORED),
        (_info("a/b"), zipfile.ZIP_STORED),
        (_info("link", stat.S_IFLNK | 0o777), zipfile.ZIP_STORED),
        (_info("yevmiye.xslt"), zipfile.ZIP_STORED),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_that_could_do_harm(made: Path, info: zipfile.ZipInfo, compression: int) -> None:
    with zipfile.ZipFile(made, "a") as bundle:
        bundle.writestr(info, b"0" * 1000, compression)
    with pytest.raises(ContractViolation):
        read_bundle(made)


def test_no_zip_and_too_many_members(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"no zip")
    with pytest.raises(ContractViolation):
        read_bundle(path)
    with path.open("wb") as sink:
        members = {f"{number}.x": b"" for number in range(1001)}
        write_bundle(sink, {**members, "manifest.json": text_of({}, "a/b").encode()})
    with pytest.raises(ContractViolation, match="too many"):
        read_bundle(path)


@pytest.mark.parametrize("branch", ["", "0003"])
@pytest.mark.parametrize("kind", [Kind.Y, Kind.K, Kind.E, Kind.DR])
def test_names_of_bundles_lead_back(kind: Kind, branch: str) -> None:
    ledger = replace(LEDGER, kind=kind, part="000002", branch=branch)
    assert ledger_of(f"{bundle_stem(ledger)}.zip") == ledger


@pytest.mark.parametrize(
    "name", ["", "x.zip", "1234567808-202601-Y-000000.zip", "GIB-1234567808-202601-Y-BUNDLE-000000"]
)
def test_other_names_are_none_of_bundles(name: str) -> None:
    with pytest.raises(ValueError, match=r"no bundle|not an e-Defter"):
        ledger_of(name)
