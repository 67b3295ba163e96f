"""Packages of the simulated GİB in SQLite; a restart keeps them."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from edefter.atomic import write_bytes
from edefter.model.documents import DocumentName

_SCHEMA = """
CREATE TABLE IF NOT EXISTS package (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    package_id TEXT NOT NULL,
    ledger_id TEXT NOT NULL,
    tax_number TEXT NOT NULL,
    sender TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    accepted_at REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued',
    stage TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS package_by_id ON package (package_id, number);
CREATE INDEX IF NOT EXISTS package_by_ledger ON package (ledger_id, number);
"""
_COLUMNS = "number, package_id, tax_number, sender, sha256, accepted_at, state, stage, error"


@dataclass(frozen=True, slots=True)
class Row:
    """One upload.

    Args:
        number: in order of arrival.
        package_id: its id.
        tax_number: taxpayer.
        sender: tax number of who signed the message.
        sha256: of the zip.
        accepted_at: seconds since 1970, real time.
        state: `queued`, `done`, `rejected` or `deleted`.
        stage: where an error was found.
        error: its text.
    """

    number: int
    package_id: str
    tax_number: str
    sender: str
    sha256: str
    accepted_at: float
    state: str
    stage: str
    error: str


class Store:
    """All uploads; safe for use by several threads.

    Args:
        state: folder for the database and the files.
    """

    def __init__(self, state: Path) -> None:
        self._files = state / "packages"
        self._files.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._database = sqlite3.connect(
            state / "gib.sqlite", check_same_thread=False, isolation_level=None
        )
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(_SCHEMA)

    @property
    def lock(self) -> threading.RLock:
        """Held around "look, then add"."""
        return self._lock

    def add(
        self, name: DocumentName, sender: str, sha256: str, data: bytes, accepted_at: float
    ) -> Row:
        """Take an upload in, durably."""
        ledger_id = name.with_kind(name.kind.ledger).stem if name.kind.is_berat else name.stem
        with self._lock:
            path = self._files / f"{sha256}.zip"
            if not path.exists():
                write_bytes(path, data)
            cursor = self._database.execute(
                "INSERT INTO package (package_id, ledger_id, tax_number, sender, sha256, "
                "accepted_at) VALUES (?, ?, ?, ?, ?, ?)",
                (name.package_id, ledger_id, name.tax_number, sender, sha256, accepted_at),
            )
            number = int(cursor.lastrowid or 0)
        return self._rows("number = ?", number)[0]

    def newest(self, package_id: str) -> Row | None:
        """The newest upload with that id (of the berat or of its ledger) that is not deleted."""
        found = self._rows(
            "(package_id = ? OR ledger_id = ?) AND state <> 'deleted'", package_id, package_id
        )
        return found[-1] if found else None

    def approved(self, package_id: str) -> Row | None:
        """The successful upload of that id."""
        found = self._rows("package_id = ? AND state = 'done'", package_id)
        return found[-1] if found else None

    def queued(self) -> list[Row]:
        """Uploads that are not processed yet, oldest first."""
        return self._rows("state = 'queued'")

    def other(self, row: Row) -> Row | None:
        """A successful upload of another taxpayer, else of another package."""
        found = self._rows("state = 'done' AND package_id <> ?", row.package_id)
        strangers = [other for other in found if other.tax_number != row.tax_number]
        candidates = strangers or found
        return candidates[-1] if candidates else None

    def beside(self, row: Row) -> bool:
        """Whether the month already has its other form: 000000 and 000001 may not coexist (§4)."""
        name = DocumentName.parse(row.package_id)
        other = {"000000": "000001", "000001": "000000"}.get(name.part)
        if other is None:
            return False
        return bool(
            self._rows(
                "package_id = ? AND state IN ('queued', 'done') AND number < ?",
                replace(name, part=other).package_id,
                row.number,
            )
        )

    def delete(self, package_id: str, before: float) -> None:
        """Void the uploads of an id that arrived before a moment (GİB's delete button)."""
        with self._lock:
            self._database.execute(
                "UPDATE package SET state = 'deleted' WHERE package_id = ? AND accepted_at < ?",
                (package_id, before),
            )

    def finish(self, row: Row, stage: str, error: str, approved: bytes) -> None:
        """Record the result of processing; an upload deleted meanwhile stays deleted."""
        if approved:
            write_bytes(self.approved_path(row), approved)
        with self._lock:
            self._database.execute(
                "UPDATE package SET state = ?, stage = ?, error = ? "
                "WHERE number = ? AND state = 'queued'",
                ("rejected" if error else "done", stage, error, row.number),
            )

    def package_path(self, row: Row) -> Path:
        """The zip as received."""
        return self._files / f"{row.sha256}.zip"

    def approved_path(self, row: Row) -> Path:
        """The countersigned berat."""
        return self._files / f"{row.number}-approved.xml"

    def _rows(self, condition: str, *values: object) -> list[Row]:
        query = f"SELECT {_COLUMNS} FROM package WHERE {condition} ORDER BY number"  # noqa: S608
        with self._lock:
            return [Row(*found) for found in self._database.execute(query, values)]
