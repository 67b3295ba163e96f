"""A member of a package, compressed while it is read for another reason, before its zip exists."""

from __future__ import annotations

import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from edefter.model.documents import DocumentName

CHUNK_BYTES = 1 << 20
"""What is given to the library at a time: its output may depend on it."""
_LEVEL, _FAST_LEVEL = 6, 2
_RAW = -15  # deflate without the frame of zlib, as zips hold it


def compressor(deflate: str) -> Any:
    """An object with `compress` and `flush`, as those of `zlib`.

    Args:
        deflate: `fast` (ISA-L where there is a wheel of it for this kind of machine) or `zlib`.
    """
    if deflate == "fast":
        try:
            from isal import isal_zlib

            return isal_zlib.compressobj(_FAST_LEVEL, wbits=_RAW)
        except ImportError:
            pass
    return zlib.compressobj(_LEVEL, wbits=_RAW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deflated:
    """A compressed member.

    Args:
        path: holds the compressed bytes; a temporary file.
        name: of the member.
        size_bytes, sha256, crc32: of the member itself.
        deflate: what it was compressed with.
    """

    path: Path
    name: DocumentName
    size_bytes: int
    sha256: str
    crc32: int
    deflate: str


class Deflating:
    """A stream that is compressed while somebody reads it, from its beginning on.

    Who reads may go back and read again; what was compressed before is left out then. A disk that
    refuses the compressed bytes ends the compressing alone, not the reading: the package is then
    made from the file, and whoever makes it tells of the disk.

    Args:
        stream: at its beginning.
        path: takes the compressed bytes; a file of that name is replaced.
        deflate: as of `compressor`.
    """

    def __init__(self, stream: BinaryIO, path: Path, deflate: str) -> None:
        self._stream = stream
        self._path = path
        self._deflate = deflate
        self._compressor = compressor(deflate)
        self._sink = path.open("wb")
        self._waiting: list[bytes | memoryview] = []
        self._waiting_bytes = 0
        self._crc32 = 0
        self._seen = 0  # bytes that were compressed, or wait to be
        self._at = 0
        self._gave_up = False

    def read(self, size: int = -1, /) -> bytes:
        """As of the stream."""
        data = self._stream.read(size)
        if not self._gave_up and self._at <= self._seen < self._at + len(data):
            try:
                self._take(memoryview(data)[self._seen - self._at :])
            except OSError:
                self._gave_up = True
        self._at += len(data)
        return data

    def seekable(self) -> bool:
        """As of the stream."""
        return self._stream.seekable()

    def tell(self) -> int:
        """As of the stream."""
        return self._at

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """As of the stream."""
        self._at = self._stream.seek(offset, whence)
        return self._at

    def _take(self, data: memoryview) -> None:
        self._seen += len(data)
        self._crc32 = zlib.crc32(data, self._crc32)
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes >= CHUNK_BYTES:
            self._compress()

    def _compress(self) -> None:
        """Compress what waits, in pieces of `CHUNK_BYTES`; what is left over waits on."""
        data = memoryview(b"".join(self._waiting))
        whole = len(data) - len(data) % CHUNK_BYTES
        for start in range(0, whole, CHUNK_BYTES):
            self._sink.write(self._compressor.compress(data[start : start + CHUNK_BYTES]))
        self._waiting, self._waiting_bytes = [data[whole:]], len(data) - whole

    def close(self) -> None:
        """Give the compressed bytes up, unless `finish` was called."""
        if not self._sink.closed:
            with suppress(OSError):  # a disk that is full refuses what still waits
                self._sink.close()
            self._path.unlink(missing_ok=True)

    def finish(self, name: DocumentName, size_bytes: int, sha256: str) -> Deflated | None:
        """The compressed member; None when not all of it was read, or the disk refused it.

        Args:
            name, size_bytes, sha256: of what was read.
        """
        if self._gave_up or self._seen != size_bytes:
            return None
        try:
            self._sink.write(self._compressor.compress(b"".join(self._waiting)))
            self._sink.write(self._compressor.flush())
            self._sink.close()
        except OSError:
            self._path.unlink(missing_ok=True)
            return None
        return Deflated(
            path=self._path, name=name, size_bytes=size_bytes, sha256=sha256,
            crc32=self._crc32, deflate=self._deflate,
        )  # fmt: skip
