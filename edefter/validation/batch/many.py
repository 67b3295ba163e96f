"""Several documents at once: worker processes, verdicts in the order of the inputs.

Every document is judged in a process of its own kind, so that one that brings its process down
(memory, a defect in a C library) costs its own verdict and no other. The processes are started
as fresh interpreters and not by `multiprocessing`, whose children import the whole program that
was started: 155 MB instead of 25 MB each.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import cast

from edefter.children import start_child
from edefter.model.documents import Kind
from edefter.validation.batch.verdict import Verdict, not_judged
from edefter.validation.batch.worker import Task
from edefter.validation.inputs.model import Input, finding

_AHEAD = 32  # verdicts that may wait for an earlier one


def default_jobs() -> int:
    """Number of processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def judge_all(
    inputs: Iterable[Input],
    *,
    jobs: int | None = None,
    kind: Kind | None = None,
    own: bool = False,
    limit_per_rule: int = 100,
) -> Generator[Verdict, None, None]:
    """Judge inputs in several processes.

    A process that ends by itself is a finding `FILE-03` of the file that it had. When the caller
    stops asking (or is interrupted, and closes the iterator), the processes are ended at once.

    Args:
        inputs: what `open_inputs` gives; taken as needed, a little ahead.
        jobs: number of processes (≥ 1); None = one for each processor, never more than inputs.
        kind, own, limit_per_rule: as of `validate`.

    Returns:
        verdicts in the order of the inputs, each as soon as it and all before it are there.

    Raises:
        ValueError: `jobs` below 1.
    """
    jobs = default_jobs() if jobs is None else jobs
    if jobs < 1:
        raise ValueError(f"at least one process is needed: {jobs}")
    workers = _Workers()
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="edefter-validate")
    waiting: deque[Future[Verdict]] = deque()
    try:
        for item in inputs:
            if item.file is None:
                done: Future[Verdict] = Future()
                done.set_result(not_judged(item, item.findings))
                waiting.append(done)
            else:
                task = Task(item=item, kind=kind, own=own, limit_per_rule=limit_per_rule)
                waiting.append(pool.submit(workers.judge, task))
            while waiting and (waiting[0].done() or len(waiting) > jobs + _AHEAD):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        workers.end()
        pool.shutdown(wait=True, cancel_futures=True)


class _Workers:
    """One process for each thread that asks."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False

    def judge(self, task: Task) -> Verdict:
        """Have the thread's process judge; start one if it has none."""
        process = None
        try:
            process = self._process()
            assert process.stdin is not None
            assert process.stdout is not None
            pickle.dump(task, process.stdin)
            process.stdin.flush()
            return cast(Verdict, pickle.load(process.stdout))  # noqa: S301 - our own process
        except (OSError, EOFError, pickle.UnpicklingError) as problem:
            how = _end_of(process) if process is not None else type(problem).__name__
            self._forget(process)
            found = finding("FILE-03", task.item.name, detail=how)
            return not_judged(task.item, (*task.item.findings, found))

    def end(self) -> None:
        """End all processes, whatever they do."""
        with self._lock:
            self._ended = True
            running = set(self._running)
        for process in running:
            process.kill()
        for process in running:
            self._forget(process)

    def _process(self) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] | None = getattr(self._local, "process", None)
        if process is not None and process.poll() is None:
            return process
        with self._lock:
            if self._ended:
                raise EOFError
            process = self._local.process = start_child("edefter.validation.batch.worker")
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
