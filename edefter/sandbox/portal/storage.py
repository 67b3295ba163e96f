"""What the simulated portal keeps: JSON documents and upload bytes in one folder, so that a
restart continues where it stopped."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from pathlib import Path
from typing import Any

from edefter.atomic import write_bytes

Document = dict[str, Any]


class Storage:
    """Documents by collection and id, all in memory and on disk.

    Args:
        folder: where; made when missing.

    Attributes:
        lock: hold it while reading and writing documents that belong together.
    """

    COLLECTIONS = ("firms", "archives", "uploads", "tokens")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = threading.RLock()
        self._documents: dict[str, dict[str, Document]] = {}
        self._writers: dict[str, threading.Lock] = {}
        for collection in (*self.COLLECTIONS, "content", "receipts"):
            (folder / collection).mkdir(parents=True, exist_ok=True)
        for collection in self.COLLECTIONS:
            self._documents[collection] = {
                path.stem: json.loads(path.read_text(encoding="utf-8"))
                for path in sorted((folder / collection).glob("*.json"))
            }

    def get(self, collection: str, key: str) -> Document | None:
        """A copy of one document."""
        with self.lock:
            found = self._documents[collection].get(key)
            return None if found is None else dict(found)

    def put(self, collection: str, key: str, document: Document) -> None:
        """Keep one document durably."""
        with self.lock:
            write_bytes(
                self.folder / collection / f"{key}.json",
                json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8"),
            )
            self._documents[collection][key] = dict(document)

    def remove(self, collection: str, key: str) -> None:
        """Forget one document."""
        with self.lock:
            self._documents[collection].pop(key, None)
            (self.folder / collection / f"{key}.json").unlink(missing_ok=True)

    def all(self, collection: str) -> list[Document]:
        """Copies of all documents of a collection, in the order of their `order` member."""
        with self.lock:
            rows = [dict(row) for row in self._documents[collection].values()]
        return sorted(rows, key=lambda row: row.get("order", 0))

    def content(self, upload_id: str) -> Path:
        """Where the bytes of an upload are."""
        return self.folder / "content" / f"{upload_id}.bin"

    def writer(self, upload_id: str) -> threading.Lock:
        """The lock of the one writer that an upload may have."""
        with self.lock:
            return self._writers.setdefault(upload_id, threading.Lock())

    def new_token(self) -> tuple[str, str]:
        """A fresh secret and the hash it is kept by."""
        token = secrets.token_urlsafe(32)
        return token, token_hash(token)


def token_hash(token: str) -> str:
    """How tokens are kept: never themselves."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
