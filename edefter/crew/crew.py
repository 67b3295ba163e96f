"""Who hands the work out."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import ParamSpec, TypeVar, cast

from edefter.children import start_child

# There is a process for each processor: threads of libraries would only be in each other's way, and
# each keeps memory of its own.
_LEAN = {
    "POLARS_MAX_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
_P = ParamSpec("_P")
_T = TypeVar("_T")


class WorkerGone(Exception):
    """A process ended by itself amid its work (out of memory, a defect in a C library).

    Args:
        how: for a reader: `SIGKILL`, an exit code, or why it could not be started.
    """

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


def processors() -> int:
    """Number of processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


class Crew:
    """So many processes, each started when it is first needed.

    Args:
        size: number of processes (≥ 1).

    Raises:
        ValueError: `size` below 1.
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError(f"at least one process is needed: {size}")
        self.size = size
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="edefter-crew")
        self._local = threading.local()
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False
        self._prepared = False

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def submit(
        self, function: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs
    ) -> Future[_T]:
        """Have a function run by a process that is free.

        Args:
            function: of a module of ours, so that the process finds it by its name.
            arguments, named: what it gets; they and its result must be picklable.

        Returns:
            Its result, or what it raised; `WorkerGone` when its process ended.
        """
        return self._pool.submit(self._do, function, arguments, named)

    def prepare(self, function: Callable[[], object]) -> None:
        """Start all processes and have each run a function first; only the first call does."""
        with self._lock:
            prepared, self._prepared = self._prepared, True
        if not prepared:
            for _ in range(self.size):
                self.submit(function)

    def end(self) -> None:
        """End all processes at once, whatever they do; nothing more begins."""
        with self._lock:
            self._ended = True
            running = set(self._running)
        for process in running:
            process.kill()
        # Who waits for a killed process sees the end of its pipe and closes it himself: closing it
        # here would pull it from under his hands.
        self._pool.shutdown(wait=True, cancel_futures=True)
        for process in running:
            self._forget(process)

    def _do(
        self, function: Callable[..., _T], arguments: tuple[object, ...], named: dict[str, object]
    ) -> _T:
        # Before the process has it: what cannot be pickled is our own mistake and breaks nothing.
        task = pickle.dumps((function, arguments, named))
        process = None
        try:
            process = self._process()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(task)
            process.stdin.flush()
            good, result = pickle.load(process.stdout)  # noqa: S301 - our own process
        except (OSError, EOFError, pickle.UnpicklingError) as problem:
            how = _end_of(process) if process is not None else type(problem).__name__
            self._forget(process)
            raise WorkerGone(how) from problem
        if good:
            return cast(_T, result)
        raise result

    def _process(self) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] | None = getattr(self._local, "process", None)
        if process is not None and process.poll() is None:
            return process
        with self._lock:
            if self._ended:
                raise EOFError
            process = start_child("edefter.crew.worker", environment=_LEAN)
            self._local.process = process
            self._running.add(process)
        return process

    def _forget(self, process: subprocess.Popen[bytes] | None) -> None:
        if process is None:
            return
        with self._lock:
            self._running.discard(process)
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):  # what was not written is not needed any more
                    stream.close()


def _end_of(process: subprocess.Popen[bytes]) -> str:
    """How a process ended, for a reader: `SIGKILL`, or its exit code."""
    try:
        code = process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        return "?"
    if code >= 0:
        return str(code)
    try:
        return signal.Signals(-code).name
    except ValueError:
        return str(code)
