"""Shared rules of the test run: nothing is skipped silently, and CI skips nothing at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A loaded machine must not turn slow input generation into a failure.
settings.register_profile("edefter", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("edefter")

REQUIRE_ALL = os.environ.get("EDEFTER_REQUIRE_ALL") == "1"
REPO = Path(__file__).resolve().parent.parent
SHARED = REPO.parent / "shared"


def absent(what: str) -> None:
    """Skip the test for want of `what`, or fail it where everything must be there (CI)."""
    if REQUIRE_ALL:
        pytest.fail(f"EDEFTER_REQUIRE_ALL=1, but {what} is missing; run 'make deps'")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def tool():
    """Gives the path of a system program, or skips with its name."""

    def find(name: str, package: str | None = None) -> str:
        path = shutil.which(name)
        if path is None:
            absent(f"system program {name} (Debian package {package or name})")
        assert path is not None
        return path

    return find


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the project's reference data (../shared), or a skip."""
    if not SHARED.is_dir():
        absent("reference data ../shared")
    return SHARED


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory):
    """A sandbox PKI for this run."""
    from edefter.sandbox.pki import SandboxPki

    return SandboxPki(tmp_path_factory.mktemp("pki"))


def pytest_terminal_summary(terminalreporter) -> None:
    """Name every skipped test's reason at the end, even in quiet runs."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons: dict[str, int] = {}
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason] = reasons.get(reason, 0) + 1
    if reasons:
        terminalreporter.section("not tested on this machine")
        for reason, count in sorted(reasons.items()):
            terminalreporter.line(f"{count} x {reason}")
