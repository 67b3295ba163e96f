"""The documents of one zip, unpacked one by one under names of ours, within limits."""

from __future__ import annotations

import errno
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from edefter.model.finding import Finding
from edefter.validation.inputs.directory import (
    CappedFile,
    DirectoryTooLarge,
    Member,
    judge_directory,
)
from edefter.validation.inputs.limits import Limits
from edefter.validation.inputs.model import Input, finding

_CHUNK_BYTES = 1 << 20
_DISK_CHECK_BYTES = 64 << 20
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,  # NotImplementedError too: what zipfile cannot read
    ValueError,  # UnicodeError too: names that are not UTF-8 though the zip says so
    OverflowError,
)
"""What `zipfile` is known to raise on damaged zips."""


class _Stop(Exception):
    """A member is given up; `rule` is the id of the finding."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class ZipReader:
    """Reads one zip.

    Args:
        path: the zip.
        shown: how the user knows it.
        folder: private folder for its members; made when needed.
        limits: what is read.
        named: whether the user named this zip, so that one without documents is a finding.
    """

    def __init__(
        self, path: Path, shown: str, folder: Path, limits: Limits, *, named: bool
    ) -> None:
        self._path = path
        self._shown = shown
        self._folder = folder
        self._limits = limits
        self._named = named
        self._unpacked_bytes = 0
        self.ignored = 0

    def inputs(self) -> Iterator[Input]:
        """What is wrong with the zip, if anything, then its documents by folder and name."""
        try:
            raw = self._path.open("rb")
        except OSError as problem:
            yield self._itself(self._finding("FILE-02", detail=problem.strerror or ""))
            return
        with raw:
            size = self._path.stat().st_size
            capped: Any = CappedFile(raw, size, self._limits.directory_bytes)
            try:
                archive = zipfile.ZipFile(cast(IO[bytes], capped))
            except DirectoryTooLarge:
                yield self._itself(self._finding("ZIP-12", limit=self._limits.members))
            except DAMAGES:
                yield self._itself(self._finding("ZIP-01"))
            else:
                with archive:
                    yield from self._contents(archive, size)

    def _contents(self, archive: zipfile.ZipFile, size_bytes: int) -> Iterator[Input]:
        name = self._path.name
        directory = judge_directory(archive.infolist(), size_bytes, name, self._limits)
        self.ignored = directory.ignored
        found = directory.findings
        if self._named and not directory.members and not found:
            found = (self._finding("ZIP-14", ignored=directory.ignored),)
        if found:
            yield self._itself(*found)
        # One folder of ours for each of the zip's, so that the same name may stand in two.
        folders: dict[str, Path] = {}
        for member in directory.members:
            folder = folders.setdefault(member.folder, self._folder / str(len(folders)))
            yield self._member(archive, member, folder / member.name)

    def _member(self, archive: zipfile.ZipFile, member: Member, target: Path) -> Input:
        file, found = None, member.findings
        if member.judged:
            try:
                self._unpack(archive, member.info, target)
                file = target
            except _Stop as stop:
                target.unlink(missing_ok=True)
                name, limits = member.info.orig_filename, self._limits
                found += (finding(stop.rule, member.name, name, limits=limits),)
        shown = "/".join(part for part in (self._shown, member.folder, member.name) if part)
        return Input(name=member.name, shown=shown, file=file, findings=found)

    def _unpack(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
        """Write one member; what counts is the bytes that come, not what the zip says of them."""
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            sink = target.open("xb")
        except OSError:
            raise _Stop("ZIP-15") from None
        with sink:
            try:
                with archive.open(info) as source:
                    unpacked = self._copy(source, sink, info, target)
            except OSError as problem:
                raise _Stop("ZIP-15" if problem.errno in _DISK_ERRORS else "ZIP-07") from None
            except DAMAGES:
                raise _Stop("ZIP-07") from None
        if unpacked != info.file_size:
            raise _Stop("ZIP-07")

    def _copy(self, source: IO[bytes], sink: BinaryIO, info: zipfile.ZipInfo, target: Path) -> int:
        limits, unpacked, checked = self._limits, 0, -_DISK_CHECK_BYTES
        while chunk := source.read(_CHUNK_BYTES):
            unpacked += len(chunk)
            self._unpacked_bytes += len(chunk)
            if unpacked > limits.member_bytes:
                raise _Stop("ZIP-09")
            if limits.is_bomb(unpacked, info.compress_size):
                raise _Stop("ZIP-10")
            if self._unpacked_bytes > limits.zip_bytes:
                raise _Stop("ZIP-11")
            if unpacked - checked >= _DISK_CHECK_BYTES:
                checked = unpacked
                if shutil.disk_usage(target.parent).free < limits.spare_disk_bytes + len(chunk):
                    raise _Stop("ZIP-15")
            sink.write(chunk)
        return unpacked

    def _finding(self, rule: str, **facts: Any) -> Finding:
        return finding(rule, self._path.name, limits=self._limits, **facts)

    def _itself(self, *findings: Finding) -> Input:
        return Input(name=self._path.name, shown=self._shown, is_document=False, findings=findings)
