"""Calling a function in a process with little memory and time, and what it took.

A small server imports the product once and forks for every call, so a call costs milliseconds and
begins with the memory of a process that has validated nothing yet.

    with Confinement() as confined:
        outcome = confined("package.module:function", "a.xml", seconds=5, memory_mb=300)
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parent.parent.parent
_MB = 1 << 20
_QUIET_S = 0.025  # of the loop in `_slowness`, on the machine that the bounds were set on
_WALL_FACTOR = 10  # of the CPU limit: other work may share the machine


@dataclass(frozen=True)
class Outcome:
    """What came of a call.

    Args:
        value: what the function returned (as JSON); None when it did not return.
        error: traceback, or the signal that ended the process; empty when it returned.
        cpu_s: processor time, seconds.
        slowness: how much slower than a quiet machine the processor was at the end (≥ 1).
        grown_mb: peak resident memory above that of the idle process, MiB.
    """

    value: Any
    error: str
    cpu_s: float
    grown_mb: int
    slowness: float = 1.0


class Confinement:
    """The server, as a context manager; calling it runs one function in a fork."""

    def __enter__(self) -> Confinement:
        self._server = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=REPO,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server.stdin is not None and self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait(30)
        self._server.stdout.close()

    def __call__(self, function: str, *args: Any, seconds: int, memory_mb: int) -> Outcome:
        """Run `module:function` with JSON arguments.

        Args:
            function: where it is.
            args: what it gets.
            seconds: processor time after which it is killed; the clock may run ten times as long.
            memory_mb: address space that it may take beyond that of the idle process.
        """
        job = {"function": function, "args": args, "seconds": seconds, "memory_mb": memory_mb}
        assert self._server.stdin is not None and self._server.stdout is not None
        self._server.stdin.write(json.dumps(job) + "\n")
        self._server.stdin.flush()
        return Outcome(**json.loads(self._server.stdout.readline()))


def _serve() -> None:
    from edefter.validation.schema.schema_set import schema

    schema(True)
    for line in sys.stdin:
        print(json.dumps(_fork(json.loads(line))), flush=True)


def _fork(job: dict[str, Any]) -> dict[str, Any]:
    module, _, name = job["function"].partition(":")
    function = getattr(importlib.import_module(module), name)
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receive)
        with os.fdopen(send, "w") as answer:
            answer.write(json.dumps(_confined(function, job)))
        os._exit(0)
    os.close(send)
    text, deadline = b"", time.monotonic() + _WALL_FACTOR * job["seconds"]
    while True:
        ready, _, _ = select.select([receive], [], [], max(0.0, deadline - time.monotonic()))
        piece = os.read(receive, 1 << 16) if ready else b""
        if not piece:
            break
        text += piece
    if not ready:
        os.kill(child, signal.SIGKILL)
    os.close(receive)
    _, status, usage = os.wait4(child, 0)
    if text and not status:
        return json.loads(text)
    ended = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else str(status)
    return {
        "value": None,
        "error": f"ended by {ended}",
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "grown_mb": usage.ru_maxrss // 1024 - _pages(1) // _MB,
    }


def _confined(function: Any, job: dict[str, Any]) -> dict[str, Any]:
    space, resident = _pages(0) + job["memory_mb"] * _MB, _pages(1)
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"] + 1))
    before = time.process_time()
    value, error = None, ""
    try:
        value = function(*job["args"])
    except BaseException:
        error = traceback.format_exc()
    cpu_s = time.process_time() - before
    return {
        "value": value,
        "error": error,
        "cpu_s": cpu_s,
        "slowness": _slowness(),
        "grown_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 - resident // _MB,
    }


def _slowness() -> float:
    """Neighbours on the other half of a core slow this one down; a bound in seconds has to know."""
    before = time.process_time()
    sum(number * number for number in range(200_000))
    return max(1.0, (time.process_time() - before) / _QUIET_S)


def _pages(column: int) -> int:
    """Address space (0) or resident memory (1) of this process, bytes."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[column]
    return int(pages) * resource.getpagesize()


if __name__ == "__main__":
    _serve()
