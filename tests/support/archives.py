"""Archive trees as tests look at them."""

from __future__ import annotations

from pathlib import Path

from tests.support.office import Office

OWN_BOOKS = ("manifest.json", "journal.jsonl", ".lock")
"""What a tree keeps about itself: lines with the times of that tree."""


def tree_of(root: Path) -> dict[str, bytes]:
    """Content by path below the root, of every file but a tree's own books."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.name not in OWN_BOOKS
    }


def rebuilt_alike(office: Office) -> None:
    """What an office has archived is proven, and comes back whole from the portal alone."""
    proven = office.edefter("archive", "prove", "--json")
    assert proven.code == 0, proven.out + proven.err
    target = office.folder / "rebuilt"
    done = office.edefter("archive", "restore", "--to", str(target), "--json")
    assert done.code == 0, done.out + done.err
    assert tree_of(target) == tree_of(office.archive)
    assert done.json[0]["root"] == proven.json[0]["root"]
