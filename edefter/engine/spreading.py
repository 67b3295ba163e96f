"""Heavy work on large files, spread over the processors; small files are not worth a process."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from edefter.crew import WorkerGone
from edefter.engine.job import Job
from edefter.engine.piecework import warm
from edefter.errors import WaitingError
from edefter.source.open import size_on_disk

LARGE_BYTES = 20_000_000
_LARGE_SOURCE_BYTES = 5_000_000  # rows whose books may take some 20 MB
_P = ParamSpec("_P")
_T = TypeVar("_T")


def get_ready(job: Job) -> None:
    """Start the processes, so that they have loaded what they need when there is work for them."""
    crew = job.crew
    if crew is not None:
        crew.prepare(warm)


def get_ready_early(job: Job) -> None:
    """`get_ready` while seal, clock and source are still looked at, if the source is large."""
    if size_on_disk(job.source_settings) >= _LARGE_SOURCE_BYTES:
        get_ready(job)


def spread(
    job: Job, size_bytes: int, function: Callable[_P, _T], *given: _P.args, **named: _P.kwargs
) -> Callable[[], _T]:
    """Begin a piece of work.

    Args:
        job: whose work it is.
        size_bytes: of the files that it has to go through.
        function: of a module, with arguments and a result that may go to another process.
        given, named: its arguments.

    Returns:
        Gives the result when asked, and does the work then if no process was worth it.

    Raises:
        WaitingError: when asked: the process ended by itself; a later run does it again.
    """
    crew = job.crew if size_bytes >= LARGE_BYTES else None
    if crew is None:
        return lambda: function(*given, **named)
    future = crew.submit(function, *given, **named)

    def result() -> _T:
        try:
            return future.result()
        except WorkerGone as problem:
            raise WaitingError("engine.worker_gone", **job.facts, how=problem.how) from problem

    return result
