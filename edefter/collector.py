"""Python's cyclic garbage collector, told how our programs allocate.

Rows and matches are tuples of texts: no cycles, but each counts as one that might be part of some.
At Python's own threshold the collector ran after every few hundred lines of a ledger, and took a
tenth of a month end. Only our own programs set it; a library leaves its host's collector alone.
"""

from __future__ import annotations

import gc

_YOUNG_OBJECTS = 50_000  # some MB of rows, which are gone by then without its help


def relax() -> None:
    """Let the collector look less often, in a process that is ours alone."""
    gc.set_threshold(_YOUNG_OBJECTS, 20, 20)


def settle() -> None:
    """Collect once, and never look again at what is left: modules, compiled patterns, schemas."""
    gc.collect()
    gc.freeze()
