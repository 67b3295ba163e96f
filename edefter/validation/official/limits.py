"""What the process that runs foreign rules may use, set by itself before it reads anything.

Memory, computing time and file size are limited from the start. When all that is needed has been
loaded, the number of open files is set to 0: from then on the operating system opens neither file
nor socket for this process, whatever a stylesheet makes Saxon try.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

AVAILABLE = resource is not None
"""Whether this operating system has such limits; without them nothing foreign is run."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one judgement.

    Args:
        document_bytes: largest document; GİB's rules are quadratic on misnumbered ledgers.
        wall_s: seconds until the process is killed; the same of computing time.
        memory_bytes: address space.
        answer_bytes: largest answer that is read.
    """

    document_bytes: int = 20_000_000
    wall_s: float = 120.0
    memory_bytes: int = 3_000_000_000
    answer_bytes: int = 64_000_000


def confine(memory_bytes: int, cpu_s: int) -> None:
    """No file may grow, no core is written, memory and computing time have an end.

    Args:
        memory_bytes: address space; where the system does not limit it, this has no effect.
        cpu_s: seconds of computing; the process is ended at the end of it.
    """
    _set("RLIMIT_CORE", 0)
    _set("RLIMIT_FSIZE", 0)
    _set("RLIMIT_CPU", cpu_s)
    _set("RLIMIT_AS", memory_bytes)


def close_the_door() -> None:
    """From now on this process opens nothing and starts nothing. Pipes it has keep working."""
    _set("RLIMIT_NOFILE", 0)
    _set("RLIMIT_NPROC", 0)


def _set(name: str, value: int) -> None:
    if resource is None or not hasattr(resource, name):
        return
    with contextlib.suppress(ValueError, OSError):  # the system knows it but does not take it
        resource.setrlimit(getattr(resource, name), (value, value))
