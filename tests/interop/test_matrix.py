"""The matrix of `make interop` but for the npm part: every kind, key and level."""

from __future__ import annotations

import pytest

from benchmarks.interop import judges
from benchmarks.interop.documents import KEYS, KINDS, LEVELS, Case, Stamper, cases
from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.process import Simulator
from edefter.validation import validate


@pytest.fixture(scope="module")
def found(pki: SandboxPki, tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    folder = tmp_path_factory.mktemp("matrix")
    with Simulator("edefter.sandbox.tsa", folder / "tsa", "--pki", str(pki.folder)) as tsa:
        return list(cases(folder, pki, Stamper(tsa.facts["url"], pki, folder)))


def test_all_accept_what_we_sign(pki: SandboxPki, found: list[Case]) -> None:
    assert len(found) == len(KINDS) * len(KEYS) * len(LEVELS)
    paths, copies = [case.path for case in found], [case.copy for case in found]
    stamped = {path: case.level == "T" for case in found for path in (case.path, case.copy)}
    for answers in (
        judges.edefter([*paths, *copies], pki, stamped.__getitem__),
        judges.xmlsec1([*paths, *copies], pki),
        judges.jdk([*paths, *copies]),
        judges.signxml(copies),
    ):
        assert {path: told for path, told in answers.items() if told != judges.VALID} == {}


def test_signxml_cannot_see_the_instruction(found: list[Case]) -> None:
    """The known defect, so that nobody takes its refusal for ours (docs/design/interop.md)."""
    assert set(judges.signxml([case.path for case in found]).values()) == {judges.MISMATCH}


def test_they_are_in_order(found: list[Case]) -> None:
    """Documents that GİB would refuse would prove little."""
    for case in found:
        with case.path.open("rb") as stream:
            report = validate(stream, case.path.name, own=True)
        assert report.kind == case.kind
        assert report.ok, [item.message_en for item in report.findings]
