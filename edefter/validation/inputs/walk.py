"""Paths as the user gives them → documents, one after the other, always in the same order."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from edefter.errors import ConfigError
from edefter.model.finding import Finding
from edefter.validation.inputs.limits import Limits
from edefter.validation.inputs.model import (
    Input,
    document_name,
    finding,
    is_zip_name,
    trouble,
)
from edefter.validation.inputs.zips import ZipReader

_ZIP_MAGIC = b"PK\x03\x04"


@contextmanager
def open_inputs(paths: Sequence[Path], *, limits: Limits | None = None) -> Iterator[Inputs]:
    """The documents among files, folders (with all below them) and zip files (one level deep).

    Members of zips are unpacked, while they are asked for, into a folder that only the user can
    read; it is removed at the end of the block.

    Args:
        paths: files, folders and zips; a file that is named is judged whatever it is called.
        limits: what is read of zips; None = the defaults.

    Raises:
        ConfigError: a path does not exist or is neither file nor folder.
    """
    for path in paths:
        if not _exists(path):
            raise ConfigError("engine.no_file", path=str(path))
    with tempfile.TemporaryDirectory(prefix="edefter-", ignore_cleanup_errors=True) as folder:
        yield Inputs(paths, Path(folder), limits or Limits())


class Inputs:
    """Walks over paths once.

    Args:
        paths: as the user gives them.
        folder: private folder for members of zips.
        limits: what is read of zips.
    """

    def __init__(self, paths: Sequence[Path], folder: Path, limits: Limits) -> None:
        self._paths = paths
        self._folder = folder
        self._limits = limits
        self._zips = 0
        self._seen: set[str] = set()
        self.ignored = 0

    def __iter__(self) -> Iterator[Input]:
        """The inputs; a file that is reached by two of the paths comes once.

        `ignored` tells at the end how many files below folders and in zips were left out because
        their names are no e-Defter names.
        """
        for path in self._paths:
            if path.is_dir():
                yield from self._below(path)
            elif _is_zip(path):
                yield from self._zip(path, named=True)
            else:
                yield from self._document(path)

    def _document(self, path: Path) -> Iterator[Input]:
        if self._is_new(path):
            yield Input(name=path.name, shown=str(path), file=path)

    def _zip(self, path: Path, *, named: bool) -> Iterator[Input]:
        if not self._is_new(path):
            return
        self._zips += 1
        folder = self._folder / str(self._zips)
        reader = ZipReader(path, str(path), folder, self._limits, named=named)
        try:
            yield from reader.inputs()
        except Exception as error:  # a zip that trips us must not stop the others
            yield _itself(path, trouble(path.name, error))
        self.ignored += reader.ignored

    def _is_new(self, path: Path) -> bool:
        whole = os.path.abspath(path)  # noqa: PTH100 - links are other names and stay such
        if whole in self._seen:
            return False
        self._seen.add(whole)
        return True

    def _below(self, top: Path) -> Iterator[Input]:
        """Files of a folder in the order of their paths; links below it are told, not followed."""
        visited: set[tuple[int, int]] = set()
        stack: list[Iterator[os.DirEntry[str]]] = []

        def enter(folder: Path) -> Iterator[Input]:
            try:
                state = folder.stat()
                # Mounts and junctions can lead back upward although they are no links.
                if (state.st_dev, state.st_ino) in visited and state.st_ino:
                    yield _not_followed(folder.name, str(folder))
                    return
                visited.add((state.st_dev, state.st_ino))
                with os.scandir(folder) as entries:
                    stack.append(iter(sorted(entries, key=lambda entry: entry.name)))
            except OSError as problem:
                yield _itself(folder, trouble(folder.name or str(folder), problem))

        yield from enter(top)
        while stack:
            entry = next(stack[-1], None)
            if entry is None:
                stack.pop()
            elif entry.is_symlink():
                yield from self._link(entry)
            elif entry.is_dir(follow_symlinks=False):
                yield from enter(Path(entry.path))
            elif not entry.is_file(follow_symlinks=False):
                self.ignored += 1
            elif document_name(entry.name) is not None:
                yield from self._document(Path(entry.path))
            elif is_zip_name(entry.name):
                yield from self._zip(Path(entry.path), named=False)
            else:
                self.ignored += 1

    def _link(self, entry: os.DirEntry[str]) -> Iterator[Input]:
        try:
            is_folder = entry.is_dir()
        except OSError:
            is_folder = False
        if is_folder or document_name(entry.name) is not None or is_zip_name(entry.name):
            yield _not_followed(entry.name, entry.path)
        else:
            self.ignored += 1


def _exists(path: Path) -> bool:
    try:
        return path.is_file() or path.is_dir()
    except OSError:  # a folder above it must not be looked into
        return False


def _not_followed(name: str, shown: str) -> Input:
    found = (finding("FILE-01", name),)
    return Input(name=name, shown=shown, is_document=False, findings=found)


def _itself(path: Path, found: Finding) -> Input:
    return Input(name=path.name, shown=str(path), is_document=False, findings=(found,))


def _is_zip(path: Path) -> bool:
    """By name; a file of another name, but not `.xml`, by its first bytes."""
    if is_zip_name(path.name):
        return True
    if path.name.lower().endswith(".xml"):
        return False
    try:
        with path.open("rb") as stream:
            return stream.read(len(_ZIP_MAGIC)) == _ZIP_MAGIC
    except OSError:
        return False
