"""One simulated GİB for all tests of this folder; each test has months of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from edefter.model.period import Period
from edefter.sandbox.process import Simulator
from tests.integration.gib.support import STRANGER, VKN, Month, build_month, open_test_seal

_MONTHS = itertools.count()


@pytest.fixture(scope="session")
def simulator(pki, tmp_path_factory) -> Iterator[Simulator]:
    pki.gib_seal()
    state = tmp_path_factory.mktemp("gib")
    with Simulator("edefter.sandbox.gib", state, "--pki", str(pki.folder)) as running:
        yield running


@pytest.fixture
def gib(simulator) -> Iterator[Simulator]:
    """The simulator, quick and well-behaved at the start of each test."""
    simulator.set_knobs(berat_delay_s=0, ledger_delay_s=0)
    yield simulator
    assert "Traceback" not in (simulator.state / "log.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def seal(pki):
    return open_test_seal(pki.issue_seal(VKN, "Iğdır Şişe A.Ş.", label="gib-tests-rsa"))


@pytest.fixture(scope="session")
def ec_seal(pki):
    return open_test_seal(pki.issue_seal(VKN, "Iğdır Şişe A.Ş.", key="ec", label="gib-tests-ec"))


@pytest.fixture(scope="session")
def stranger_seal(pki):
    return open_test_seal(pki.issue_seal(STRANGER, "Başkası Ltd. Şti.", label="gib-tests-other"))


@pytest.fixture
def month(tmp_path, seal) -> Callable[..., Month]:
    """Makes a month that no other test of this run has used."""

    def make(by=None, **kinds) -> Month:
        number = next(_MONTHS)
        period = kinds.pop("period", None) or Period(2025 + number // 12, 1 + number % 12)
        return build_month(tmp_path / f"month-{number}", by or seal, period=period, **kinds)

    return make


@pytest.fixture(scope="session")
def refused_month(tmp_path_factory, seal) -> Month:
    """A month for tests in which nothing is taken in."""
    folder = tmp_path_factory.mktemp("refused")
    return build_month(folder, seal, period=Period(2023, 5))
