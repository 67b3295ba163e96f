"""Placeholder."""

from pathlib import Path


def compare_with_saxon(package: Path, work: Path) -> None: ...
