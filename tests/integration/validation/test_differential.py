"""Our engine against Saxon, which runs the rules as restated from rules.md."""

from collections import Counter

import pytest

from benchmarks import differential
from benchmarks.conformance import DEFAULT_CASES
from edefter.model.documents import Kind
from edefter.model.finding import Layer
from edefter.validation.rule import all_rules
from tests.conftest import SHARED, absent
from tests.support import restate
from tests.support.mutants import mutant, sources
from tests.unit.validation.documents import FILE, document, drop, spoiled


@pytest.fixture(scope="module")
def restated():
    try:
        import saxonche  # noqa: F401
    except ImportError:
        absent("Python package saxonche (extra second-opinion)")
    from tests.support.restated import Restated

    return Restated()


@pytest.fixture(scope="module")
def among():
    return sources(DEFAULT_CASES if SHARED.is_dir() else None)


@pytest.mark.parametrize("family", restate.FILES)
def test_schematron_is_current_and_complete(family):
    path = restate.FOLDER / f"{restate.FILES[family][0]}.sch"
    written = restate.schematron(family)
    assert path.read_bytes() == written, "run python -m tests.support.restate"
    official = (rule for rule in all_rules() if rule.layer is Layer.OFFICIAL)
    names = {rule.name for rule in official if family in rule.families}
    for name in names:
        assert written.count(f'id="{family}-{name}"'.encode()) == 1
    assert written.count(b"<assert ") == len(names)


def test_restated_rules_give_every_official_verdict(shared, restated):
    cases, differences = differential.check_restatement(shared / "conformance", restated)
    assert (cases, differences) == (1129, [])


def test_changed_documents_are_judged_alike(among, restated, capsys):
    differences = differential.run(among, restated, "test", range(600), None)
    assert differences.all == [], capsys.readouterr().out
    assert differences.documents == 600 and differences.stopped > 20


def test_mutants_are_the_same_every_time_and_differ_from_their_sources(among):
    first = [mutant(among, "again", number) for number in range(50)]
    assert first == [mutant(among, "again", number) for number in range(50)]
    known = {source.content for source in among}
    assert sum(item.content in known for item in first) < 10


def test_differences_are_found_printed_and_kept(among, restated, monkeypatch, tmp_path, capsys):
    wrong = Counter({"Y-AEN-01": 77})
    monkeypatch.setattr(differential, "verdict_of", lambda report: wrong)
    found = differential.run(among, restated, "test", range(3), tmp_path)
    assert len(found.rules) == 3 and "77" in capsys.readouterr().out
    assert len(list(tmp_path.rglob("*.xml"))) == 3


def test_command(monkeypatch, capsys, tmp_path, restated):
    monkeypatch.setattr(differential, "Restated", lambda: restated)
    options = ["--documents", "5", "--seed", "x", "--cases", str(tmp_path)]
    assert differential.main(options) == 0
    printed = capsys.readouterr().out
    assert "seed x, documents 0 to 4" in printed and "5  (bar: 5)  ok" in printed
    good = differential.Mutant(document(Kind.Y), FILE[Kind.Y], Kind.Y, "")
    assert differential.compare(good, restated, differential.Differences())
    late = spoiled(Kind.Y, drop("//gl-cor:enteredBy"))
    assert restated.judge(late, FILE[Kind.Y], Kind.Y) == {"Y-HDR-03": 2}
