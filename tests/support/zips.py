"""Zip files as they come from outside: sound ones, and every kind of unsound one."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path


def packed(
    path: Path,
    members: Iterable[tuple[str | zipfile.ZipInfo, bytes]],
    *,
    method: int = zipfile.ZIP_DEFLATED,
) -> Path:
    """A zip with these members; the same name may come twice."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def link(name: str, target: str = "/etc/passwd") -> tuple[zipfile.ZipInfo, bytes]:
    """A member that is a symbolic link."""
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, target.encode()


def raw_named(path: Path, name: bytes, data: bytes, *, flags: int = 0) -> Path:
    """A zip with one member whose name is these very bytes (`zipfile` would change them)."""
    placeholder = "x" * len(name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(placeholder, data)
    whole = bytearray(buffer.getvalue().replace(placeholder.encode(), name))
    _set_flags(whole, flags)
    path.write_bytes(whole)
    return path


def flagged(path: Path, flags: int) -> Path:
    """Sets general purpose bits of all members, in both headers."""
    whole = bytearray(path.read_bytes())
    _set_flags(whole, flags)
    path.write_bytes(whole)
    return path


def _set_flags(whole: bytearray, flags: int) -> None:
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = whole.find(signature)
        while at >= 0:
            (old,) = struct.unpack_from("<H", whole, at + offset)
            struct.pack_into("<H", whole, at + offset, old | flags)
            at = whole.find(signature, at + 4)


def spoil_data(path: Path, name: str) -> Path:
    """Changes one byte in the middle of a member's packed data."""
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(name)
    whole = bytearray(path.read_bytes())
    start = info.header_offset + 30 + len(name.encode())
    whole[start + info.compress_size // 2] ^= 0xFF
    path.write_bytes(whole)
    return path


def overlapping(path: Path, name: str, other: str, data: bytes) -> Path:
    """Two members of the table share one stretch of data."""
    packed(path, [(name, data), (other, data)])
    whole = bytearray(path.read_bytes())
    second = whole.rfind(b"PK\x01\x02")
    struct.pack_into("<I", whole, second + 42, 0)
    path.write_bytes(whole)
    return path


def lying_size(path: Path, size_bytes: int) -> Path:
    """The table says another unpacked length than the data have."""
    whole = bytearray(path.read_bytes())
    struct.pack_into("<I", whole, whole.find(b"PK\x01\x02") + 24, size_bytes)
    path.write_bytes(whole)
    return path
