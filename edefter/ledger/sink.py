"""The sink that a ledger is written to: counts bytes and hashes them as they pass."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

from edefter.model.documents import DocumentName
from edefter.model.files import Beginning, StoredFile


class HashingSink:
    """Writes through to a file and keeps its SHA-256 and size in bytes.

    Args:
        sink: the file.
        declaration: it begins with, which is no part of its canonical form.
    """

    def __init__(self, sink: BinaryIO, declaration: bytes) -> None:
        self._sink = sink
        self._digest = hashlib.sha256(declaration)
        self._canonical = hashlib.sha256()
        sink.write(declaration)
        self.size_bytes = len(declaration)

    def write(self, data: bytes | memoryview) -> None:
        """Write all of `data`.

        Raises:
            OSError: the disk refuses.
        """
        self._sink.write(data)
        self._digest.update(data)
        self._canonical.update(data)
        self.size_bytes += len(data)

    def so_far(self) -> Beginning:
        """What was written until now."""
        return Beginning(self.size_bytes, self._digest.hexdigest())

    @property
    def canonical_digest(self) -> bytes:
        """SHA-256 of what was written behind the declaration."""
        return self._canonical.digest()

    def stored(self, path: Path, name: DocumentName) -> StoredFile:
        """The record of the file, once it stands at `path`."""
        return StoredFile(
            path=path, name=name, size_bytes=self.size_bytes, sha256=self._digest.hexdigest()
        )
