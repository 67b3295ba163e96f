"""One process that uploads one file and remembers its place; started anew after each cut.

    python -m benchmarks.tus.client JOB.json

Exit status: 0 = the server has every byte, 3 = cut or busy, another process goes on.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.figures import peak_rss_bytes
from edefter.archive.chunks import AdaptiveChunk, Budget
from edefter.archive.port import ArchiveItem
from edefter.archive.portal import PortalClient
from edefter.archive.transport import Channel, Redactor
from edefter.archive.tus import Tus
from edefter.archive.upload import Declared, Upload
from edefter.atomic import write_bytes
from edefter.config.keeping import PortalSettings
from edefter.config.section import SecretRef
from edefter.errors import EdefterError
from edefter.observe.progress import SilentProgress


class Memory:
    """The place of an upload in a JSON file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> dict[str, str]:
        """What was saved last."""
        return json.loads(self._path.read_text()) if self._path.exists() else {}

    def save(self, values: dict[str, str]) -> None:
        """Keep it durably."""
        write_bytes(self._path, json.dumps(values).encode())


def _to_plain_server(job: dict[str, Any], item: ArchiveItem, settings: PortalSettings) -> None:
    """To a server that speaks tus and nothing else of ours."""
    pair = Path(job["certificate"]), Path(job["key"])
    channel = Channel(
        settings.upload_url, settings, proxy="",
        client_certificate=lambda: pair, user_agent="edefter",
        redactor=Redactor(), monotonic=time.monotonic, on_server_date=lambda *_: None,
        before_call=lambda _: None,
    )  # fmt: skip
    Upload(
        item,
        Declared(archive_id="interop", upload_url=settings.upload_url, upload_token="interop"),  # noqa: S106
        Tus(channel, settings.upload_url, "interop"),
        discover=lambda ask: ask(),
        memory=Memory(Path(job["memory"])),
        chunk=AdaptiveChunk(settings.chunk_bytes),
        budget=Budget(settings.retry_limit_s, time.sleep, time.monotonic, lambda: 0.5),
        progress=SilentProgress(),
    ).run()


def _portal(job: dict[str, Any], item: ArchiveItem, settings: PortalSettings) -> PortalClient:
    return PortalClient(
        settings, secret=lambda ref: Path(str(ref.file)).read_text(encoding="utf-8").strip(),
        firm=item.firm, key_folder=Path(job["keys"]), software_version="0.1.0",
        wall=lambda: datetime.now(UTC), sleep=time.sleep, monotonic=time.monotonic,
        on_server_date=lambda *_: None, before_call=lambda _: None, jitter=lambda: 0.5,
    )  # fmt: skip


def _declared(portal: PortalClient, item: ArchiveItem, budget: Budget) -> tuple[Declared, Tus]:
    """The steps of `PortalClient.store` before the first byte."""
    found = portal._declare(item, budget)
    assert isinstance(found, Declared)
    return found, Tus(portal._upload_channel, portal.settings.upload_url, found.upload_token)


def _measured(job: dict[str, Any], item: ArchiveItem, settings: PortalSettings) -> dict[str, Any]:
    """Upload and say how long that took, and how much memory this process ever had."""
    portal = _portal(job, item, settings)
    budget = Budget(60.0, time.sleep, time.monotonic, lambda: 0.5)
    found, tus = _declared(portal, item, budget)
    begun = time.perf_counter()
    portal._upload(item, found, tus, Memory(Path(job["memory"])), budget)
    return {"seconds": time.perf_counter() - begun, "peak_bytes": peak_rss_bytes()}


def _created(job: dict[str, Any], item: ArchiveItem, settings: PortalSettings) -> dict[str, Any]:
    """Create an upload that another program sends."""
    portal = _portal(job, item, settings)
    budget = Budget(60.0, time.sleep, time.monotonic, lambda: 0.5)
    found, tus = _declared(portal, item, budget)
    metadata = {
        "filename": item.file_name, "archive_id": found.archive_id, "sha256": item.sha256,
    }  # fmt: skip
    return {"url": tus.create(item.size_bytes, metadata), "token": found.upload_token}


def main(path: str) -> int:
    """Upload what the job file says; returns the exit status."""
    job: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    given = job["settings"]
    for name in ("api_key", "api_secret"):
        if name in given:
            given[name] = SecretRef(file=given[name])
    settings = PortalSettings(**given)
    item = ArchiveItem(**{**job["item"], "path": Path(job["item"]["path"])})
    try:
        match job["kind"]:
            case "portal":  # declared, uploaded, verified, receipt held
                _portal(job, item, settings).store(item, Memory(Path(job["memory"])))
            case "speed":
                print(json.dumps(_measured(job, item, settings)))
            case "create":
                print(json.dumps(_created(job, item, settings)))
            case _:
                _to_plain_server(job, item, settings)
    except EdefterError as error:
        print(error.text("en"), file=sys.stderr)
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
