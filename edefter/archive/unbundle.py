"""Reading a bundle that came from outside: nothing in it is believed before it is checked.

Bundles are zips in stored mode with plain names (`archive.bundle`); whatever else a zip can do is
refused, so that none can write elsewhere or grow beyond its own size (portal.md §3).
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from edefter.archive import manifest
from edefter.archive.errors import ContractViolation
from edefter.archive.manifest import Entry

MOST_MEMBERS = 1000
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle says.

    Args:
        path: the zip.
        folder: where its document lies below the company's folder, `fiscal year/month`.
        rows: of the manifest, by name: the document's files, side files, stylesheets.
        members: SHA-256 of each member's content, by name.
    """

    path: Path
    folder: str
    rows: Mapping[str, Entry]
    members: Mapping[str, str]

    def copy(self, name: str, sink: BinaryIO) -> str:
        """Write a member; returns its SHA-256, lower-case hex.

        Raises:
            KeyError: no such member.
            OSError: the disk refuses.
        """
        digest = hashlib.sha256()
        with zipfile.ZipFile(self.path) as bundle, bundle.open(name) as member:
            while block := member.read(_BLOCK_BYTES):
                digest.update(block)
                sink.write(block)
        return digest.hexdigest()


def read_bundle(path: Path) -> Bundle:
    """Open a bundle.

    Raises:
        ContractViolation: it is none of ours: no zip, packed or nested members, names that lead
            elsewhere, no manifest, or a manifest that says something that is not so.
        OSError: it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as bundle:
            infos = bundle.infolist()
            if len(infos) > MOST_MEMBERS:
                raise ValueError("too many members")
            members: dict[str, str] = {}
            for info in infos:
                _check(info, members)
                with bundle.open(info) as member:
                    # typeshed asks for more than hashlib uses
                    digest = hashlib.file_digest(member, "sha256")  # type: ignore[arg-type]
                members[info.filename] = digest.hexdigest()
            text = bundle.read(manifest.FILE_NAME)
        rows = manifest.parse(text)
        folder = str(json.loads(text).get("folder", ""))
        _check_said(folder, rows, members)
    except (ValueError, KeyError, zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise ContractViolation(
            "archive.bundle_unusable", file=path.name, what=str(error) or type(error).__name__
        ) from None
    return Bundle(path, folder, rows, members)


def _check(info: zipfile.ZipInfo, known: Mapping[str, str]) -> None:
    packed = info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size
    if packed or stat.S_ISLNK(info.external_attr >> 16):
        raise ValueError("a member is packed or a link")
    nested = "/" in info.filename or not manifest.is_below(info.filename)
    if nested or info.filename in known:
        raise ValueError("a member's name is not plain, or given twice")


def _check_said(folder: str, rows: Mapping[str, Entry], members: Mapping[str, str]) -> None:
    parts = folder.split("/")
    if len(parts) != 2 or not manifest.is_below(folder):
        raise ValueError("its folder is not a fiscal year and a month")
    for name, row in rows.items():
        if (
            "/" in name
            or not manifest.is_below(name)
            or not re.fullmatch(r"[0-9a-f]{64}", row.sha256)
        ):
            raise ValueError("a row without a plain name and a SHA-256")
        if name in members and members[name] != row.sha256:
            raise ValueError(f"{name} is not what the manifest says")
