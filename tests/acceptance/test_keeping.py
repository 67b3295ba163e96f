"""`archive status` and `archive export`: what stands where, and months for somebody else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from edefter.config.settings import SourceSettings
from edefter.sandbox.books import TABLE, write_books
from tests.support.office import Office


def _status(office: Office, *words: str) -> list[dict]:
    answer = office.edefter("archive", "status", "--json", *words)
    assert answer.code == 0, answer.err
    return answer.json


def test_where_a_month_stands(office: Office) -> None:
    assert _status(office) == []
    office.world.portal.set_knobs(internal_500={"skip": 10})
    office.write_config(portal__retry_limit_s=0.5)
    assert office.run("2026-01").code == 3
    (month,) = _status(office)
    assert month["standing"] == "closed" and month["in_tree"]
    assert 0 < month["receipts"] + 1 < month["uploads"] == 8
    office.world.portal.set_knobs()
    assert office.run("2026-01").code == 0
    (month,) = _status(office, "--ask")
    assert (month["standing"], month["receipts"], month["at_portal"]) == ("archived", 8, True)
    assert month["keep_until"] == "2036-12-31" and month["deadline"] == "2026-06-30"
    held = office.archived("GIB-*-KB-*.receipt.jws")
    assert len(held) == 1
    shown = office.edefter("archive", "status")
    assert "8/8" in shown.out and "arşivlendi" in shown.out


def test_months_archived_without_a_portal_go_there_later(office: Office) -> None:
    office.write_config(portal__enabled=False)
    assert office.run("2026-01").code == 0
    (month,) = _status(office)
    assert (month["standing"], month["receipts"]) == ("archived", 0)
    office.write_config()
    assert office.edefter("archive", "upload", "2026-01").code == 0
    (month,) = _status(office, "--ask")
    assert (month["receipts"], month["at_portal"]) == (8, True)
    assert office.edefter("archive", "prove").code == 0
    assert len(office.sends()) == 2


def test_the_portal_misses_something_of_a_month(office: Office) -> None:
    assert office.run("2026-01").code == 0
    for path in (office.world.portal.state / "data" / "archives").glob("*.json"):
        archive = json.loads(path.read_text(encoding="utf-8"))
        if (archive["firm"], archive["kind"]) == (office.tax_number, "GIB-YB"):
            path.unlink()
    office.world.portal.stop()
    office.world.portal.start()
    office.write_config()
    (month,) = _status(office, "--ask")
    assert month["at_portal"] is False


def test_months_for_somebody_else(office: Office, tmp_path: Path, tool: Callable[..., str]) -> None:
    for period in ("2026-01", "2026-02"):
        assert office.run(period).code == 0
    target = tmp_path / "out"
    answer = office.edefter(
        "archive", "export", "2026-01", "2026-02", "--to", str(target), "--json"
    )
    assert answer.code == 0, answer.err
    files = {path for month in answer.json for path in month["files"]}
    there = {p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()}
    assert there == files | {"SHA256SUMS"}
    assert all(
        (target / path).read_bytes() == (office.archive / path).read_bytes() for path in files
    )
    checked = subprocess.run(
        [tool("sha256sum", "coreutils"), "--quiet", "-c", "SHA256SUMS"], cwd=target, check=False
    )
    assert checked.returncode == 0
    assert office.edefter("verify", str(target)).code == 0

    again = office.edefter("archive", "export", "2026-01", "--to", str(target))
    assert again.code == 2 and "boş" in again.err
    nothing = office.edefter("archive", "export", "2026-03", "--to", str(tmp_path / "no"))
    assert nothing.code == 2 and not (tmp_path / "no").exists()
    kebir = office.archived("*-202601-K-*.xml")[0]
    kebir.chmod(0o600)
    kebir.write_bytes(kebir.read_bytes() + b" ")
    damaged = office.edefter("archive", "export", "2026-01", "--to", str(tmp_path / "bad"))
    assert damaged.code == 6 and kebir.name in damaged.err
    assert not (tmp_path / "bad" / "SHA256SUMS").exists()


def test_large_ledgers_go_to_the_portal_side_by_side(office: Office) -> None:
    books = office.folder / "large.sqlite"
    write_books(str(books), 3000)
    source = SourceSettings(
        kind="sql", url=f"sqlite:///{books}", numbering="rebase",
        query=f"select * from {TABLE} where posting_date between :first_day and :last_day",
    )  # fmt: skip
    office.write_config(source=source, portal__chunk_bytes=1024 * 1024)
    office.world.portal.set_knobs(slow_read_s=0.005)
    seen = len(office.world.portal.received())
    assert office.run("2026-01").code == 0
    rows = office.world.portal.received()[seen:]
    paths = [row["path"] for row in rows if row.get("method") == "PATCH"]
    turns = [path for path, before in zip(paths, ["", *paths], strict=False) if path != before]
    assert len(turns) > len(set(turns)), "chunks of two files take turns"
    assert office.edefter("archive", "prove", "--percent", "100").code == 0
