"""The tree from receipts and bundles: places, cancelled sets, and what does not fit."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from edefter.archive.bundle import bundle_stem
from edefter.archive.catalogue import Copy
from edefter.archive.manifest import Entry, Role
from edefter.archive.port import Receipt
from edefter.archive.rebuild import Rebuilt, rebuild
from edefter.archive.unbundle import Bundle
from edefter.model.documents import DocumentName, Kind
from edefter.model.period import Period

Y = DocumentName("1234567808", Period(2026, 1), Kind.Y)
FOLDER = "01.01.2026-31.12.2026/01"
CANCELLED = "iptal"


def _copy(seq: int, name: str, kind: str, withdrawn: str | None = None, sha256: str = "") -> Copy:
    body = {
        "portal_file_id": f"id-{seq}", "file_name": name, "kind": kind, "size": seq,
    }  # fmt: skip
    receipt = Receipt(
        receipt_id=f"r-{seq}", seq=seq, sha256=sha256 or f"{seq:064x}", state="stored",
        stored_at=datetime(2026, 2, 1, tzinfo=UTC), raw=f"raw-{seq}", body=body,
    )  # fmt: skip
    return Copy(receipt, "f" * 64, withdrawn)


def _rebuilt(*copies: Copy, bundles: dict[str, Bundle] | None = None) -> Rebuilt:
    return rebuild(
        copies, bundles or {}, lambda name: f"by-name/{name.period.month:02d}", CANCELLED
    )


def _bundle(rows: dict[str, str]) -> Bundle:
    entries = {
        name: Entry(
            name=name, role=Role.XSLT if name.endswith("xslt") else Role.Y, size_bytes=1,
            sha256=sha256, gib_state="archiving",
        )
        for name, sha256 in rows.items()
    }  # fmt: skip
    return Bundle(Path("x.zip"), FOLDER, entries, {})


def test_without_a_bundle_by_name_with_its_receipt() -> None:
    found = _rebuilt(_copy(1, Y.xml, "Y"))
    rows = found.tree["by-name/01"]
    raw = hashlib.sha256(b"raw-1").hexdigest()
    assert rows.keys() == {Y.xml, f"{Y.stem}.receipt.jws"}
    assert rows[Y.xml].receipt_id == "r-1" and rows[Y.xml].ledger_signature_sha256 == "f" * 64
    assert rows[f"{Y.stem}.receipt.jws"].sha256 == raw
    assert found.receipts == {raw: b"raw-1"}


def test_a_bundle_says_where_and_what() -> None:
    name = f"{bundle_stem(Y)}.zip"
    bundle = _bundle({Y.xml: f"{1:064x}", "yevmiye.xslt": "a" * 64})
    found = _rebuilt(_copy(1, Y.xml, "Y"), _copy(2, name, "BUNDLE"), bundles={"id-2": bundle})
    rows = found.tree[FOLDER]
    assert rows[Y.xml].gib_state == "archiving", "as the bundle has it"
    assert {name, "yevmiye.xslt", f"{bundle_stem(Y)}.receipt.jws"} <= rows.keys()
    assert rows[name].ledger_signature_sha256 == ""
    assert not found.disagreeing and "by-name/01" not in found.tree


def test_withdrawn_sets_are_numbered_as_the_vault_numbers_them() -> None:
    found = _rebuilt(
        _copy(1, Y.xml, "Y", "first"), _copy(2, Y.xml, "Y", "second"), _copy(3, Y.xml, "Y")
    )
    rows = found.tree["by-name/01"]
    assert {name: row.cancelled for name, row in rows.items() if name.endswith("xml")} == {
        Y.xml: "", f"{CANCELLED}/{Y.xml}": "first", f"{CANCELLED}/2/{Y.xml}": "second",
    }  # fmt: skip
    assert rows[Y.xml].sha256 == f"{3:064x}"


def test_stylesheets_of_a_folder_are_those_of_the_valid_set() -> None:
    name = f"{bundle_stem(Y)}.zip"
    copies = (_copy(1, name, "BUNDLE", "old"), _copy(2, name, "BUNDLE"))
    bundles = {"id-1": _bundle({"berat.xslt": "a" * 64}), "id-2": _bundle({"berat.xslt": "b" * 64})}
    rows = _rebuilt(*copies, bundles=bundles).tree[FOLDER]
    assert rows["berat.xslt"].sha256 == "b" * 64
    assert f"{CANCELLED}/berat.xslt" not in rows


def test_what_does_not_fit_is_told() -> None:
    name = f"{bundle_stem(Y)}.zip"
    bundle = _bundle({Y.xml: "c" * 64})
    found = _rebuilt(
        _copy(1, Y.xml, "Y"), _copy(2, name, "BUNDLE"), _copy(3, "other.bin", "Y"),
        bundles={"id-2": bundle},
    )  # fmt: skip
    assert found.disagreeing == [Y.xml]
    assert found.strange == ["other.bin"]


def test_branches_and_reports_have_sets_of_their_own() -> None:
    branch, report = replace(Y, branch="0001"), replace(Y, kind=Kind.DR)
    found = _rebuilt(_copy(1, branch.xml, "Y"), _copy(2, report.xml, "DR"))
    assert {branch.xml, report.xml} <= found.tree["by-name/01"].keys()
