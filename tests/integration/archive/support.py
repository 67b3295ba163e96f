"""A real client against a real portal process; only time is ours."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edefter.archive.port import ArchiveItem
from edefter.archive.portal import PortalClient
from edefter.atomic import write_bytes
from edefter.config.keeping import PortalSettings
from edefter.config.section import SecretRef
from edefter.model.company import Accountant, Address, Company
from edefter.model.identity import TaxId
from edefter.model.period import Period
from edefter.sandbox.process import Simulator

MIB = 1024 * 1024
API_KEY = "sandbox-firm"
API_SECRET = "integration-secret-value"
PERIOD = "202601"


@dataclass
class FakeTime:
    """Sleeping moves the clock, nothing waits."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class RealTime(FakeTime):
    """For what other processes must finish first."""

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class FileMemory:
    """Remembers an upload in a JSON file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> dict[str, str]:
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def save(self, values: dict[str, str]) -> None:
        write_bytes(self.path, json.dumps(values).encode())


def numbers() -> Iterator[str]:
    """Valid VKNs, each once."""
    for count in range(100_000_000, 999_999_999, 7):
        yield vkn(str(count))


def vkn(nine: str) -> str:
    """Append the check digit to nine digits."""
    total = 0
    for index, char in enumerate(nine, start=1):
        moved = (int(char) + 10 - index) % 10
        if moved:
            rest = (moved * 2 ** (10 - index)) % 9
            total += rest or 9
    return nine + str((10 - total % 10) % 10)


def company(tax_number: str) -> Company:
    return Company(
        code="acme",
        tax_id=TaxId(tax_number),
        title="Çağdaş Işık Öğütme Sanayi A.Ş.",
        address=Address(
            building_number="1", street="Atatürk Cd.", city="İzmir", postal_code="35000"
        ),
        phone="2320000000",
        email="muhasebe@example.com",
        nace="620100",
        edefter_start=Period(2026, 1),
        accountants=(Accountant(name="Ayşe Şen"),),
        creator="Ayşe Şen",
    )


def secret_of(reference: SecretRef) -> str:
    assert reference.env is not None
    return {"KEY": API_KEY, "SECRET": API_SECRET, "WRONG": "wrong-secret-value"}[reference.env]


def settings(facts: dict[str, Any], ca: Path, **more: Any) -> PortalSettings:
    given: dict[str, Any] = {
        "control_url": facts["control_url"],
        "upload_url": facts["upload_url"],
        "ca_bundle": ca,
        "api_key": SecretRef(env="KEY"),
        "api_secret": SecretRef(env="SECRET"),
        "chunk_bytes": MIB,
        "retry_limit_s": 600.0,
        "progress_timeout_s": 20.0,
    }
    return PortalSettings(**{**given, **more})


@dataclass
class Desk:
    """One firm with its own folders, at the shared portal."""

    simulator: Simulator
    folder: Path
    firm: str
    ca: Path
    time: FakeTime = field(default_factory=FakeTime)
    dates: list[tuple[str, datetime, float]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def client(self, **more: Any) -> PortalClient:
        return PortalClient(
            settings(self.simulator.facts, self.ca, **more),
            secret=secret_of,
            firm=self.firm,
            key_folder=self.folder / "keys",
            software_version="0.1.0",
            wall=lambda: datetime.now(UTC),
            sleep=self.time.sleep,
            monotonic=self.time.monotonic,
            on_server_date=lambda *facts: self.dates.append(facts),
            before_call=self.calls.append,
            jitter=lambda: 0.5,
        )

    def registered(self, **more: Any) -> PortalClient:
        client = self.client(**more)
        client.register(company(self.firm))
        return client

    def memory(self, name: str = "upload") -> FileMemory:
        return FileMemory(self.folder / f"{name}.json")

    def item(self, data: bytes, kind: str = "Y", part: str = "000000", **more: Any) -> ArchiveItem:
        stem = f"{self.firm}-{PERIOD}-{kind.removeprefix('GIB-')}-{part}"
        name = f"GIB-{stem}.xml" if kind.startswith("GIB-") else f"{stem}.xml"
        path = self.folder / name
        path.write_bytes(data)
        given: dict[str, Any] = {
            "path": path, "file_name": name, "package_id": stem, "kind": kind,
            "period": PERIOD, "branch": "", "part": part, "size_bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(), "ledger_signature_sha256": "",
            "firm": self.firm,
        }  # fmt: skip
        return ArchiveItem(**{**given, **more})

    def uploads(self) -> list[dict[str, Any]]:
        """Chunks received for this firm's file names (all PATCH requests since the last mark)."""
        rows = [row for row in self.simulator.received() if row.get("method") == "PATCH"]
        return rows[self._mark :]

    _mark: int = 0

    def mark(self) -> None:
        self._mark += len(self.uploads())

    def stored(self, archive_id: str) -> bytes:
        """The bytes that the portal holds, read from its disk."""
        data = self.simulator.state / "data"
        archive = json.loads((data / "archives" / f"{archive_id}.json").read_text())
        return (data / "content" / f"{archive['upload_id']}.bin").read_bytes()


def ledger(signature: str = "c2lnbmF0dXJl", size: int = 0, kind: str = "Y") -> bytes:
    """A well-formed document with a SignatureValue, filled up to `size` bytes."""
    ds = "http://www.w3.org/2000/09/xmldsig#"
    own = f'<ds:Signature><ds:SignatureValue Id="v">{signature}</ds:SignatureValue></ds:Signature>'
    head = f'<edefter:defter xmlns:edefter="http://www.edefter.gov.tr" xmlns:ds="{ds}"><x>'
    tail = f"</x>{own}</edefter:defter>"
    fill = max(0, size - len(head) - len(tail))
    return f"{head}{'a' * fill}{tail}".encode()


def berat(bound: str, own: str = "YmVyYXQ=", counter: bool = False) -> bytes:
    """A berat bound to a ledger's SignatureValue; `counter` adds GİB's counter-signature."""
    ds = "http://www.w3.org/2000/09/xmldsig#"
    gib = (
        "<ds:Object><u><ds:Signature><ds:SignatureValue>Z2li</ds:SignatureValue></ds:Signature>"
        "</u></ds:Object>"
        if counter
        else ""
    )
    return (
        f'<edefter:berat xmlns:edefter="http://www.edefter.gov.tr" xmlns:ds="{ds}"><x/>'
        f"<ds:SignatureValue>{bound}</ds:SignatureValue>"
        f"<ds:Signature><ds:SignatureValue>{own}</ds:SignatureValue>{gib}</ds:Signature>"
        "</edefter:berat>"
    ).encode()
