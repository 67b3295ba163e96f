"""Files appear whole or not at all: write to a temporary name, sync, rename, sync the folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

TEMPORARY_SUFFIX = ".part-tmp"
"""Ending of unfinished files; anything with it is garbage of a killed run."""


@contextlib.contextmanager
def atomic_writer(target: Path) -> Iterator[BinaryIO]:
    """A binary file that becomes `target` when the block ends without an error.

    Args:
        target: final path; its folder must exist. An existing file is replaced.

    Raises:
        OSError: disk full, no permission and the like; nothing is left behind.
    """
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}{TEMPORARY_SUFFIX}")
    try:
        with temporary.open("xb") as sink:
            yield sink
            sink.flush()
            os.fsync(sink.fileno())
        temporary.replace(target)
        sync_dir(target.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_bytes(target: Path, data: bytes) -> None:
    """Write a small file atomically."""
    with atomic_writer(target) as sink:
        sink.write(data)


def move(path: Path, target: Path) -> None:
    """Give a file that is synced another name on the same file system; an existing one is replaced.

    Raises:
        OSError: the disk refuses.
    """
    path.replace(target)
    for folder in {path.parent, target.parent}:
        sync_dir(folder)


def sync_dir(folder: Path) -> None:
    """Make a rename durable; a no-op where folders cannot be opened (Windows)."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_file(path: Path, chunk_bytes: int = 1 << 20) -> str:
    """SHA-256 of a file, lower-case hex, read in chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(chunk_bytes):
            digest.update(chunk)
    return digest.hexdigest()
