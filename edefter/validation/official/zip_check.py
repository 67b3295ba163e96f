"""A zip from outside: every member is unpacked once, for real, before anything in it is believed.

Nothing is written to disk. A nested zip is a member like any other and is not opened.
"""

from __future__ import annotations

import stat
import unicodedata
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

MAX_MEMBERS = 5_000
MAX_TOTAL_BYTES = 500_000_000  # unpacked
MAX_MEMBER_BYTES = 200_000_000  # unpacked; the guides in the package are PDF files of a few MB
MAX_RATIO = 200  # unpacked : packed, of one member
_SMALL = 1 << 20  # a member up to this size may be packed as tightly as it likes
_CHUNK = 1 << 16
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class BadZip(ValueError):
    """The zip is damaged or hostile.

    Args:
        key: message key below `official.` that says why.
        facts: what the sentence needs.
    """

    def __init__(self, key: str, **facts: Any) -> None:
        super().__init__(f"{key} {facts}")
        self.key = key
        self.facts = facts


def check_zip(path: Path) -> list[zipfile.ZipInfo]:
    """Look at every name, then unpack every member and compare sizes and checksums.

    Args:
        path: the zip; it must not change while it is read.

    Returns:
        Its members that are files.

    Raises:
        BadZip: as the class says.
        OSError: the file cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_names(members)
            left = MAX_TOTAL_BYTES
            for member in members:
                if not member.is_dir():
                    left -= _unpack(archive, member, left)
            return [member for member in members if not member.is_dir()]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        if isinstance(error, BadZip):
            raise
        raise BadZip("zip_damaged", detail=str(error)) from None
    except RuntimeError as error:  # zipfile asks for a password
        raise BadZip("zip_encrypted", member=str(error)) from None


def _check_names(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS:
        raise BadZip("zip_many", count=len(members), limit=MAX_MEMBERS)
    seen: dict[str, str] = {}
    for member in members:
        name = member.orig_filename
        if _is_outside(name):
            raise BadZip("zip_path", member=name)
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise BadZip("zip_link", member=name)
        if member.flag_bits & 0x41:
            raise BadZip("zip_encrypted", member=name)
        if member.compress_type not in _METHODS:
            raise BadZip("zip_method", member=name)
        key = unicodedata.normalize("NFC", name.rstrip("/")).casefold()
        if key in seen:
            same = seen[key].rstrip("/") == name.rstrip("/")
            raise BadZip("zip_twice" if same else "zip_alike", member=name, other=seen[key])
        seen[key] = name


def _is_outside(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        not name
        or "\\" in name
        or "//" in name
        or path.is_absolute()
        or bool(PureWindowsPath(name).drive)
        or any(part in (".", "..") for part in name.rstrip("/").split("/"))
        or any(unicodedata.category(char) == "Cc" for char in name)
    )


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> int:
    """Unpacked size of a member, counted; the checksum is compared at its end."""
    if member.file_size > min(left, MAX_MEMBER_BYTES):
        raise BadZip("zip_bomb", member=member.filename, limit=MAX_TOTAL_BYTES // 1_000_000)
    limit = min(left, MAX_MEMBER_BYTES, max(_SMALL, MAX_RATIO * member.compress_size))
    size = 0
    with archive.open(member) as source:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise BadZip("zip_bomb", member=member.filename, limit=limit // 1_000_000)
    if size != member.file_size:
        raise BadZip("zip_damaged", detail=member.filename)
    return size
