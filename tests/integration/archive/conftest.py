"""One portal process for all tests of this folder; each test has its own firm."""

from __future__ import annotations

import pytest

from edefter.sandbox.process import Simulator
from tests.integration.archive.support import API_SECRET, Desk, numbers

_NUMBERS = numbers()


@pytest.fixture(scope="session")
def portal_process(pki, tmp_path_factory):
    state = tmp_path_factory.mktemp("portal")
    secret = state / "secret.txt"
    secret.write_text(API_SECRET + "\n", encoding="utf-8")
    arguments = ("--pki", str(pki.folder), "--api-secret-file", str(secret))
    with Simulator("edefter.sandbox.portal", state, *arguments) as simulator:
        yield simulator


@pytest.fixture
def desk(portal_process, pki, tmp_path):
    """A fresh firm at a portal that behaves."""
    portal_process.set_knobs()
    desk = Desk(portal_process, tmp_path, next(_NUMBERS), pki.folder / "tls-root.pem")
    desk.mark()
    yield desk
    portal_process.set_knobs()
