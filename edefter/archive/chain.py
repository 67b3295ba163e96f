"""An append-only journal whose lines carry the hash of the line before.

One file per company and fiscal year. A line is canonical JSON with `seq` (from 1), `at` (UTC),
`prev` (SHA-256 of the line before without its line feed; 64 zeros for the first) and what
happened. Changing, removing or inserting a line breaks the chain at a place that can be named;
cutting lines off the end is found by comparing with the manifests (`vault.verify`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edefter.archive.canonical import canonical_json
from edefter.atomic import sync_dir
from edefter.clock.port import WallClock

FIRST = "0" * 64
_TAIL_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold: 1-based line and which rule it breaks."""

    line: int
    reason: str  # unreadable, sequence, link


class ChainedJournal:
    """The journal in one file.

    Args:
        path: the file; made with its first line.
        wall: computer time, zone-aware UTC.
    """

    def __init__(self, path: Path, wall: WallClock) -> None:
        self.path = path
        self._wall = wall

    def append(self, action: str, **facts: Any) -> dict[str, Any]:
        """Write one line durably and return it.

        A line that a killed run left without its end was never acknowledged: it is cut off
        before the new line is written. Call only while holding the vault's lock.

        Raises:
            OSError: disk full, no permission.
            ValueError: a fact has no canonical form, or the last line cannot be read.
        """
        self._drop_torn_tail()
        last = self._last_line()
        seq = 1 if last is None else int(json.loads(last)["seq"]) + 1
        entry = {
            **facts,
            "action": action,
            "at": self._wall().isoformat(),
            "prev": FIRST if last is None else hashlib.sha256(last).hexdigest(),
            "seq": seq,
        }
        fresh = not self.path.exists()
        with self.path.open("ab") as sink:
            sink.write(canonical_json(entry) + b"\n")
            sink.flush()
            os.fsync(sink.fileno())
        if fresh:
            sync_dir(self.path.parent)
        return entry

    def entries(self) -> Iterator[dict[str, Any]]:
        """All readable lines, oldest first."""
        if not self.path.exists():
            return
        with self.path.open("rb") as source:
            for line in source:
                try:
                    value = json.loads(line)
                except ValueError:
                    continue
                if isinstance(value, dict):
                    yield value

    def audit(self) -> list[Break]:
        """Every place where the chain breaks; empty = it holds (or there is no journal yet)."""
        broken: list[Break] = []
        if not self.path.exists():
            return broken
        expected_prev, expected_seq = FIRST, 1
        with self.path.open("rb") as source:
            for number, line in enumerate(source, start=1):
                body = line.removesuffix(b"\n")
                try:
                    value = json.loads(body)
                    seq, prev = int(value["seq"]), str(value["prev"])
                    if canonical_json(value) != body or not line.endswith(b"\n"):
                        raise ValueError
                except (ValueError, KeyError, TypeError):
                    broken.append(Break(number, "unreadable"))
                    seq, prev = expected_seq, expected_prev
                if seq != expected_seq:
                    broken.append(Break(number, "sequence"))
                if prev != expected_prev:
                    broken.append(Break(number, "link"))
                expected_seq, expected_prev = seq + 1, hashlib.sha256(body).hexdigest()
        return broken

    def _last_line(self) -> bytes | None:
        if not self.path.exists() or not self.path.stat().st_size:
            return None
        with self.path.open("rb") as source:
            size = source.seek(0, os.SEEK_END)
            source.seek(max(0, size - _TAIL_BYTES))
            return source.read().splitlines()[-1]

    def _drop_torn_tail(self) -> None:
        if not self.path.exists():
            return
        with self.path.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            start = max(0, size - _TAIL_BYTES)
            file.seek(start)
            tail = file.read()
            if not tail or tail.endswith(b"\n"):
                return
            file.truncate(start + tail.rfind(b"\n") + 1)
            file.flush()
            os.fsync(file.fileno())
