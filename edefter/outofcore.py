"""Sorting more rows than memory holds: DuckDB on files of ours, nothing from the network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def sorter(folder: Path, memory: str, threads: int = 2) -> DuckDBPyConnection:
    """A DuckDB connection for sorting out of core.

    Args:
        folder: spills go into `folder/sort`.
        memory: DuckDB spills beyond this (`192MB`); it is no limit on the process.
        threads: that sort; each has buffers of its own.
    """
    import duckdb  # most processes sort nothing

    return duckdb.connect(
        ":memory:",
        config={
            "memory_limit": memory,
            "threads": threads,
            "temp_directory": str(folder / "sort"),
            "preserve_insertion_order": "false",
            # Extensions would be downloaded at run time.
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )
