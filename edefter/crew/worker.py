"""A process that runs one function after the other: `python -m edefter.crew.worker`.

Functions come pickled by name on standard input, with their arguments; results go pickled to
standard output. Only the process that started it talks to it; when that is gone, it ends at once.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import sys
import threading
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, BinaryIO

from edefter.process import relax, settle


def _serve() -> None:
    # What libraries print must not get between the results.
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        tasks: SimpleQueue[Any] = SimpleQueue()
        threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks), daemon=True).start()
        while True:
            answers.write(_run(*tasks.get()))
            answers.flush()
            _give_memory_back()


def _run(function: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> bytes:
    try:
        return pickle.dumps((True, function(*arguments, **named)))
    except Exception as error:
        return pickle.dumps((False, error))


def _give_memory_back() -> None:
    """Between two tasks, so that what the last one needed does not stay with this process."""
    settle()
    with suppress(AttributeError, OSError, TypeError):  # only where the C library is glibc
        ctypes.CDLL(None).malloc_trim(0)


def _listen(stream: BinaryIO, tasks: SimpleQueue[Any]) -> None:
    """Take tasks; when who gives them is gone, end at once, even amid one."""
    while True:
        try:
            tasks.put(pickle.load(stream))  # noqa: S301 - from the process that started us
        except EOFError:
            os._exit(0)


if __name__ == "__main__":
    relax()
    _serve()
