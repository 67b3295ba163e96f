"""A client of its own, to be killed: reads what to store as JSON from standard input."""

from __future__ import annotations

import json
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from edefter.archive.port import ArchiveItem
from edefter.archive.portal import PortalClient
from tests.integration.archive.support import FileMemory, secret_of, settings

if __name__ == "__main__":
    order = json.loads(sys.stdin.read())
    path = Path(order["path"])
    item = ArchiveItem(
        path=path, file_name=path.name, package_id=path.stem, kind="Y", period="202601",
        branch="", part="000000", size_bytes=order["size"], sha256=order["sha256"],
        ledger_signature_sha256="", firm=order["firm"],
    )  # fmt: skip
    folder = Path(order["folder"])
    PortalClient(
        settings(order["facts"], Path(order["ca"])),
        secret=secret_of,
        firm=order["firm"],
        key_folder=folder / "keys",
        software_version="0.1.0",
        wall=lambda: datetime.now(UTC),
        sleep=time.sleep,
        monotonic=time.monotonic,
        on_server_date=lambda *_: None,
        before_call=lambda _: None,
        jitter=random.random,
    ).store(item, FileMemory(folder / "upload.json"))
