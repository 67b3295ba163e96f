"""The side files of a month as one zip: the same files give the same bytes (portal.md §4).

Receipts, evidence of seals, stylesheets and the manifest are what makes documents provable later;
the portal takes documents one by one, and these together.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_READ_ONLY = 0o444
_UNIX = 3
_BLOCK_BYTES = 1 << 20


def write_bundle(sink: BinaryIO, members: Mapping[str, Path]) -> None:
    """Write a deterministic zip.

    Args:
        sink: takes the zip.
        members: files by their name in the zip; plain names without folders.

    Raises:
        ValueError: no member, or a name with a folder.
        OSError: a file cannot be read.
    """
    if not members:
        raise ValueError("a bundle has members")
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as bundle:
        for name in sorted(members):
            if not name or name.startswith(".") or Path(name).name != name:
                raise ValueError(f"not a plain file name: {name!r}")
            info = zipfile.ZipInfo(name, _FIXED_TIME)
            info.create_system = _UNIX
            info.external_attr = _READ_ONLY << 16
            with members[name].open("rb") as source, bundle.open(info, "w") as member:
                shutil.copyfileobj(source, member, _BLOCK_BYTES)
