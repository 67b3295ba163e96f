"""What only a program of our own may do to its process; a library leaves its host's alone."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from typing import NoReturn

_YOUNG_OBJECTS = 50_000  # some MB of rows, which are gone by then without its help


def relax() -> None:
    """Let the cyclic garbage collector look less often.

    Rows and matches are tuples of texts: no cycles, but each counts as one that might be part of
    some. At Python's own threshold the collector ran after every few hundred lines of a ledger, and
    took a tenth of a month end.
    """
    gc.set_threshold(_YOUNG_OBJECTS, 20, 20)


def settle() -> None:
    """Collect once, and never look again at what is left: modules, compiled patterns, schemas."""
    gc.collect()
    gc.freeze()


def leave(code: int) -> NoReturn:
    """End the process without taking its million objects apart one by one, which takes 0.2 s.

    Exit functions run and what was printed is written, as always.

    Args:
        code: exit code.
    """
    others = [each for each in threading.enumerate() if not each.daemon]
    if others != [threading.main_thread()]:
        raise SystemExit(code)  # somebody is still at work
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # who reads it is gone
        code = code or 1
    os._exit(code)
