"""One number for a whole tree of files: the root of a hash tree as in RFC 9162, section 2.1.

Two trees have the same root only when they hold the same content under the same names, wherever
and whenever they were written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

_LEAF, _NODE = b"\x00", b"\x01"


def root_of(files: Iterable[tuple[str, str]]) -> str:
    """The root of a hash tree.

    Args:
        files: (relative path with `/`, SHA-256 of the content as lower-case hex); in any order,
            each path once.

    Returns:
        Lower-case hex; of no files at all the SHA-256 of nothing.

    Raises:
        ValueError: a path twice, or no SHA-256.
    """
    ordered = sorted(files)
    paths = [path for path, _ in ordered]
    if len(set(paths)) != len(paths):
        raise ValueError("a path is given twice")
    leaves = [_leaf(path, sha256) for path, sha256 in ordered]
    return (_root(leaves) if leaves else hashlib.sha256().digest()).hex()


def _leaf(path: str, sha256: str) -> bytes:
    content = bytes.fromhex(sha256)
    if len(content) != hashlib.sha256().digest_size:
        raise ValueError(f"no SHA-256: {path}")
    # No path holds a NUL, so that path and content cannot run into each other.
    return hashlib.sha256(_LEAF + path.encode("utf-8") + b"\x00" + content).digest()


def _root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    both = _root(leaves[:split]) + _root(leaves[split:])
    return hashlib.sha256(_NODE + both).digest()
