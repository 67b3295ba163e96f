"""Tampered documents: ours gives the right answer, and each other verifier sees what it can."""

from __future__ import annotations

import pytest

from edefter.sandbox.pki import SandboxPki
from tests.support.forging import byte_shortcut_accepts
from tests.support.tampering import CONTROLS, SINGLE_QUOTED, TAMPERINGS
from tests.support.trial import Trial, trials


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trial]:
    folder = tmp_path_factory.mktemp("tampering")
    pki = SandboxPki(folder / "pki")  # of its own: a seal gets revoked
    judged = trials((*TAMPERINGS, *CONTROLS), pki, folder, seed=1)
    return {trial.item.name: trial for trial in judged}


def test_there_are_forty_and_no_name_twice() -> None:
    names = [item.name for item in (*TAMPERINGS, *CONTROLS)]
    assert len(TAMPERINGS) >= 40 and len(set(names)) == len(names)
    for item in TAMPERINGS:
        assert item.no, item.name
        assert bool(item.seen_by) != bool(item.why), item.name


@pytest.mark.parametrize("name", [item.name for item in TAMPERINGS])
def test_refused_with_the_right_verdict(found: dict[str, Trial], name: str) -> None:
    trial = found[name]
    assert trial.ours_right, (trial.no, trial.findings)
    assert trial.others_right, trial.refused_by


@pytest.mark.parametrize("name", [item.name for item in CONTROLS])
def test_other_spelling_is_no_tampering(found: dict[str, Trial], name: str) -> None:
    trial = found[name]
    assert trial.ours_right, (trial.no, trial.findings)
    assert trial.others_right, trial.refused_by


def test_a_byte_shortcut_would_take_the_single_quotes(found: dict[str, Trial]) -> None:
    trial = found[SINGLE_QUOTED]
    assert byte_shortcut_accepts(trial.path.read_bytes()), "else it tests nothing"
    assert byte_shortcut_accepts(found["nothing done"].path.read_bytes())
    assert {"xmlsec1", "jdk"} <= trial.refused_by
