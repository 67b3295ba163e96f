"""`edefter adopt DIR`: the state is lost, the files are not."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from edefter.atomic import write_bytes
from tests.support.office import Office


def _closed_january(office: Office, make_office: Callable[..., Office], tmp_path: Path) -> Path:
    """A copy of the archive of a closed month."""
    assert office.run("2026-01").code == 0
    return Path(shutil.copytree(office.archive, tmp_path / "kopya"))


def test_a_lost_state_comes_back_and_the_next_month_goes_on(
    office: Office, make_office: Callable[..., Office], tmp_path: Path
) -> None:
    tree = _closed_january(office, make_office, tmp_path)
    with sqlite3.connect(office.folder / "data" / "state.db") as old:
        counters = dict(old.execute("SELECT kind, counters_after FROM document"))
    old.close()
    new = make_office(tax_number=office.tax_number)
    new.register()
    taken = new.edefter("adopt", str(tree), "--json")
    assert taken.code == 0, taken.err
    assert [(t["name"].split("-", 2)[2], t["files"], t["was_known"]) for t in taken.json] == [
        ("Y-000000", ["approved", "berat", "ledger"], False),
        ("K-000000", ["approved", "berat", "ledger"], False),
    ]
    with sqlite3.connect(new.folder / "data" / "state.db") as state:
        assert dict(state.execute("SELECT kind, counters_after FROM document")) == counters
    state.close()
    assert new.edefter("status", "2026-01", "--json").json[0]["closed"]
    assert new.edefter("drift", "2026-01").code == 0
    # Numbers that do not continue would be findings.
    february = new.run("2026-02", "--json")
    assert february.code == 0, february.err
    assert february.json[0]["archived"]
    assert new.edefter("verify", str(new.archive)).code == 0
    assert new.edefter("audit", "verify").code == 0
    known = new.edefter("adopt", str(tree), "--json")
    assert [t["was_known"] for t in known.json] == [True, True]


def test_all_that_is_wrong_is_told_and_nothing_is_taken(
    office: Office, make_office: Callable[..., Office], tmp_path: Path
) -> None:
    tree = _closed_january(office, make_office, tmp_path)
    new = make_office(tax_number=office.tax_number)
    stopped = new.edefter("adopt", str(tree))
    assert stopped.code == 2
    assert office.tax_number in stopped.err, "the company is not registered yet"
    new.register()
    assert new.edefter("adopt", str(tmp_path / "yok")).code == 2
    (journal,) = [p for p in tree.rglob("*-Y-000000.xml")]
    journal.chmod(0o600)
    write_bytes(journal, journal.read_bytes().replace(b"T.C.M.B.", b"T.C.M.X.", 1))
    (gone,) = [p for p in tree.rglob("GIB-*-KB-000000.xml")]
    gone.unlink()
    refused = new.edefter("adopt", str(tree))
    assert refused.code == 1
    assert journal.name in refused.err and gone.name in refused.err
    assert new.edefter("status", "--json").json[0]["documents"] == []


def test_another_companys_berat_under_our_name_is_refused(
    office: Office, make_office: Callable[..., Office], tmp_path: Path
) -> None:
    tree = _closed_january(office, make_office, tmp_path)
    other = make_office()
    other.register()
    assert other.run("2026-01").code == 0
    (theirs,) = other.archived("GIB-*-YB-000000.xml")
    (ours,) = [p for p in tree.rglob("GIB-*-YB-000000.xml")]
    ours.chmod(0o600)
    shutil.copy(theirs, ours)
    new = make_office(tax_number=office.tax_number)
    new.register()
    refused = new.edefter("adopt", str(tree))
    assert refused.code == 1
    assert ours.name in refused.err
    assert new.edefter("status", "--json").json[0]["documents"] == []


def test_what_was_adopted_by_half_is_completed(
    office: Office, make_office: Callable[..., Office], tmp_path: Path
) -> None:
    """A run that was killed behind the berats, or berats that were adopted alone before."""
    tree = _closed_january(office, make_office, tmp_path)
    new = make_office(tax_number=office.tax_number)
    new.register()
    berats = [str(path) for path in tree.rglob("GIB-*.xml")]
    assert new.edefter("archive", "adopt", *berats, "--company", "ornek").code == 0
    assert new.edefter("drift", "2026-01").code == 2, "no ledger is held yet"
    assert [t["was_known"] for t in new.edefter("adopt", str(tree), "--json").json] == [False] * 2
    assert new.edefter("drift", "2026-01").code == 0
    assert new.run("2026-02").code == 0, "numbers go on"
