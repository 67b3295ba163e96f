"""Starts the helper process, asks it one thing at a time, and ends it when it does not answer.

A dead or silent helper is replaced at the *next* request. What was under way when it died is not
asked again here: whether a signature was made, or a PIN was tried, nobody knows.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import queue
import subprocess
import threading
from pathlib import Path
from typing import Any, BinaryIO

from edefter.children import start_child
from edefter.signature.seals.pkcs11.helper import FAREWELL_S
from edefter.signature.seals.pkcs11.protocol import ProtocolError, read_frame, write_frame


class HelperGone(Exception):
    """The helper ended, or said what is no answer, while it was asked."""


class HelperSilent(Exception):
    """The helper did not answer in time and was ended."""


class HelperProcess:
    """The helper of one PKCS#11 library; safe to use from several threads, which queue up.

    Args:
        module: path of the library.

    Attributes:
        generation: counts the starts; another number means that all logins are gone.
    """

    def __init__(self, module: Path) -> None:
        self.module = module
        self.generation = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._numbers = itertools.count(1)
        self.lock = threading.RLock()

    @property
    def pid(self) -> int | None:
        """Process id of the running helper; None when there is none."""
        return self._process.pid if self._process is not None else None

    def ensure(self) -> int:
        """Start the helper where none runs; returns the generation."""
        with self.lock:
            if self._process is None or self._process.poll() is not None:
                self.close()
                self._start()
            return self.generation

    def ask(self, action: str, *, timeout_s: float, **what: Any) -> dict[str, Any]:
        """One request and its answer.

        Args:
            action: `token`, `open` or `sign`.
            timeout_s: wait for the answer; then the helper is ended.
            what: of the request.

        Returns:
            the answer: `result`, or `error` with what belongs to it.

        Raises:
            HelperGone: it died.
            HelperSilent: it did not answer in time.
        """
        with self.lock:
            self.ensure()
            assert self._process is not None and self._process.stdin is not None
            number = next(self._numbers)
            try:
                write_frame(self._stdin, {"action": action, "number": number, **what})
            except OSError:
                self.close()
                raise HelperGone from None
            try:
                answer = self._answers.get(timeout=timeout_s)
            except queue.Empty:
                self.close()
                raise HelperSilent from None
            if answer is None or answer.get("number") != number:
                self.close()
                raise HelperGone
            return answer

    @property
    def _stdin(self) -> BinaryIO:
        assert self._process is not None and self._process.stdin is not None
        return self._process.stdin  # type: ignore[return-value]  # Popen says IO[bytes]

    def _start(self) -> None:
        # The driver's own output is of no use to the protocol and may hold anything.
        self._process = start_child(
            "edefter.signature.seals.pkcs11.helper", str(self.module), stderr=subprocess.DEVNULL
        )
        self.generation += 1
        self._answers = queue.Queue()
        threading.Thread(
            target=_listen, args=(self._process.stdout, self._answers), daemon=True
        ).start()

    def end(self) -> None:
        """Let the helper log out and finalize its library, which network HSMs want; else close."""
        with self.lock:
            process = self._process
            if process is not None and process.stdin is not None:
                with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                    process.stdin.close()
                    process.wait(timeout=FAREWELL_S)
            self.close()

    def close(self) -> None:
        """End the helper at once; the next request starts another."""
        with self.lock:
            process, self._process = self._process, None
            if process is None:
                return
            process.kill()  # a hanging driver listens to nothing gentler
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()


def _listen(stream: BinaryIO, answers: queue.Queue[dict[str, Any] | None]) -> None:
    try:
        while (answer := read_frame(stream)) is not None:
            answers.put(answer)
    except (OSError, ValueError, ProtocolError):
        pass
    answers.put(None)


_running: dict[Path, HelperProcess] = {}
_running_lock = threading.Lock()


@atexit.register
def _close_all() -> None:
    for helper in _running.values():
        helper.end()


def helper_of(module: Path) -> HelperProcess:
    """The one helper of a library in this process: tokens of one library share it."""
    with _running_lock:
        return _running.setdefault(module, HelperProcess(module))
