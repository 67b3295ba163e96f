"""The table of contents of a zip: which members are judged, and what is wrong with the others.

Nothing is unpacked here, and no name of a member ever becomes a path of ours.
"""

from __future__ import annotations

import re
import stat
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import BinaryIO

from edefter.model.finding import Finding
from edefter.validation.inputs.limits import Limits
from edefter.validation.inputs.model import document_name, finding, is_zip_name

_DRIVE = re.compile(r"^[A-Za-z]:")
_LOCAL_HEADER_BYTES = 30
_ENCRYPTED = 0x1 | 0x40 | 0x2000  # by password, strongly, and with a masked header
_DEFLATE_OR_STORED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class DirectoryTooLarge(Exception):
    """The table of contents is longer than is read."""


class CappedFile:
    """A zip for `zipfile`, which reads the table of contents at once: never more than a limit.

    Args:
        raw: the zip, seekable.
        size_bytes: its length.
        most_bytes: the most that one read gives.
    """

    def __init__(self, raw: BinaryIO, size_bytes: int, most_bytes: int) -> None:
        self._raw = raw
        self._size = size_bytes
        self._most = most_bytes

    def read(self, size: int = -1) -> bytes:
        """As of files.

        Raises:
            DirectoryTooLarge: more is asked for than the limit, and there is more.
        """
        rest = max(self._size - self._raw.tell(), 0)
        wanted = rest if size < 0 else min(size, rest)
        if wanted > self._most:
            raise DirectoryTooLarge
        return self._raw.read(wanted)

    def seek(self, offset: int, whence: int = 0) -> int:
        """As of files."""
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        """As of files."""
        return self._raw.tell()

    def seekable(self) -> bool:
        """As of files."""
        return True

    def close(self) -> None:
        """The zip stays open; who opened it closes it."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member with the name of an e-Defter document.

    Args:
        info: its entry in the table.
        name: file name without folders.
        folder: folders inside the zip, `/` between them; may be empty.
        findings: what is told about it.
        judged: whether it is unpacked.
    """

    info: zipfile.ZipInfo
    name: str
    folder: str
    findings: tuple[Finding, ...]
    judged: bool


@dataclass(frozen=True, slots=True)
class Directory:
    """What a table of contents holds.

    Args:
        members: those with e-Defter names, by name.
        findings: about the zip as a whole and its other members.
        ignored: number of files without an e-Defter name.
    """

    members: tuple[Member, ...]
    findings: tuple[Finding, ...]
    ignored: int


def judge_directory(
    infos: Sequence[zipfile.ZipInfo], size_bytes: int, zip_name: str, limits: Limits
) -> Directory:
    """Sort the members of a zip.

    Args:
        infos: the entries of the table, in its order.
        size_bytes: length of the zip.
        zip_name: file name of the zip, for findings.
        limits: what is read.
    """
    files = [info for info in infos if not info.orig_filename.endswith(("/", "\\"))]
    if len(files) > limits.members:
        return Directory((), (finding("ZIP-12", zip_name, limits=limits),), 0)
    parts = [_parts(info.orig_filename) for info in files]
    keys = [unicodedata.normalize("NFC", "/".join(part)).casefold() for part in parts]
    times = Counter(keys)
    overlapping = _overlapping(infos, size_bytes)
    members: dict[str, Member] = {}
    findings: list[Finding] = []
    ignored = 0
    for info, part, key in zip(files, parts, keys, strict=True):
        base = part[-1] if part else ""
        is_document = document_name(base) is not None
        rule = "ZIP-05" if times[key] > 1 else _first_fault(info, is_document, limits)
        if not rule and is_document and info.header_offset in overlapping:
            rule = "ZIP-07"
        if is_document and key not in members:
            found = [finding(rule, base, info.orig_filename, limits=limits)] if rule else []
            if not rule and _is_irregular(info.orig_filename):
                found.append(finding("ZIP-03", base, info.orig_filename))
            members[key] = Member(info, base, "/".join(part[:-1]), tuple(found), not rule)
        elif not is_document:
            ignored += 1
            if not rule and is_zip_name(base):
                rule = "ZIP-13"
            if rule:
                findings.append(finding(rule, zip_name, info.orig_filename, limits=limits))
    return Directory(
        tuple(sorted(members.values(), key=lambda item: _parts(f"{item.folder}/{item.name}"))),
        tuple(findings),
        ignored,
    )


def _first_fault(info: zipfile.ZipInfo, is_document: bool, limits: Limits) -> str:
    """What keeps a member from being read; of others than documents only what is hostile."""
    if _is_unsafe(info.orig_filename):
        return "ZIP-02"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "ZIP-04"
    if not is_document:
        return ""
    if info.flag_bits & _ENCRYPTED:
        return "ZIP-06"
    if info.compress_type not in _DEFLATE_OR_STORED:
        return "ZIP-08"
    if info.file_size > limits.member_bytes:
        return "ZIP-09"
    if limits.is_bomb(info.file_size, info.compress_size):
        return "ZIP-10"
    return ""


def _parts(name: str) -> list[str]:
    flat = _DRIVE.sub("", name.replace("\\", "/"), count=1)
    return [part for part in flat.split("/") if part not in ("", ".")]


def _is_unsafe(name: str) -> bool:
    """Whether a program that believes the name writes outside of its folder, or elsewhere."""
    flat = name.replace("\\", "/")
    return (
        flat.startswith("/")
        or _DRIVE.match(flat) is not None
        or ".." in flat.split("/")
        or any(unicodedata.category(char) == "Cc" for char in name)
    )


def _is_irregular(name: str) -> bool:
    """Whether the path is not written as APPNOTE 4.4.17 wants it, but leads into the zip."""
    return "\\" in name or any(part in ("", ".") for part in name.split("/"))


def _overlapping(infos: Sequence[zipfile.ZipInfo], size_bytes: int) -> set[int]:
    """Offsets of members whose data run into the next: one stretch of data read many times."""
    ordered = sorted(infos, key=lambda info: info.header_offset)
    found: set[int] = set()
    for info, following in zip_longest(ordered, ordered[1:]):
        end = info.header_offset + _LOCAL_HEADER_BYTES + info.compress_size
        if end > (following.header_offset if following is not None else size_bytes):
            found.add(info.header_offset)
            if following is not None:
                found.add(following.header_offset)
    return found
