"""Paths given on the command line → e-Defter documents, in a stable order."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from edefter.errors import ConfigError
from edefter.model.documents import DocumentName


def documents_under(paths: Iterable[Path], *, only_named: bool = True) -> list[Path]:
    """Files as given, and below folders every file with an e-Defter name.

    Args:
        paths: files or folders.
        only_named: leave out files below folders whose name is no e-Defter name.

    Raises:
        ConfigError: a path does not exist, or nothing was found at all.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            below = sorted(p for p in path.rglob("*.xml") if p.is_file())
            found += [p for p in below if not only_named or _is_named(p)]
        elif path.is_file():
            found.append(path)
        else:
            raise ConfigError("engine.no_file", path=str(path))
    if not found:
        raise ConfigError("cli.nothing_found", path=", ".join(str(p) for p in paths))
    return found


def check_output(output: Path | None, paths: list[Path]) -> None:
    """A slip of the hand must not replace a ledger by a report about it.

    Raises:
        ConfigError: the output is a folder, one of the inputs, or named like a document.
    """
    if output is None:
        return
    if (
        _is_named(output)
        or output.is_dir()
        or output.resolve() in {path.resolve() for path in paths}
    ):
        raise ConfigError("cli.bad_output", path=str(output))
    if not output.parent.is_dir():
        raise ConfigError("engine.no_file", path=str(output.parent))


def _is_named(path: Path) -> bool:
    try:
        DocumentName.parse(path.name)
    except ValueError:
        return False
    return True
