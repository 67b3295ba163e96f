"""A responder as a process, and a seal whose certificate names it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from edefter.config.settings import TrustSettings
from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.pki.register import set_responder_url
from edefter.sandbox.process import Simulator
from edefter.trust.revocation import RevocationChecker, Standing

VKN = "1234567808"


@dataclass
class Desk:
    """Everything that a question about a certificate needs."""

    pki: SandboxPki
    responder: Simulator
    cache: Path
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.responder.port}"

    def chain(self, leaf: x509.Certificate) -> tuple[x509.Certificate, ...]:
        return (leaf, self.pki.seal_ca, self.pki.root)

    def ask(
        self, leaf: x509.Certificate, *, now: datetime | None = None, cache: bool = False,
        **settings: Any,
    ) -> Standing:  # fmt: skip
        given = TrustSettings(**{"hosts": (self.host,), "timeout_s": 5.0, **settings})
        checker = RevocationChecker(given, self.cache if cache else None)
        return checker.check(self.chain(leaf), now=now or self.now)

    def questions(self) -> list[str]:
        return [item["kind"] for item in self.responder.received()]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SandboxPki, Simulator]]:
    folder = tmp_path_factory.mktemp("trust")
    pki = SandboxPki(folder / "pki")
    responder = Simulator(
        "edefter.sandbox.revocation", folder / "revocation", "--pki", str(pki.folder)
    )
    with responder:
        set_responder_url(pki.folder, responder.facts["url"])
        yield pki, responder


@pytest.fixture
def desk(running: tuple[SandboxPki, Simulator], tmp_path: Path) -> Desk:
    pki, responder = running
    responder.set_knobs()
    (responder.state / "received.jsonl").unlink(missing_ok=True)
    return Desk(pki, responder, tmp_path / "cache")
