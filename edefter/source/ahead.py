"""Takes the next piece from the outside world while the one before is being worked on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Queue
from typing import Generic, TypeVar

_T = TypeVar("_T")
_WAIT_S = 0.2


class _End:
    """Behind the last piece, with what ended them."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


@contextmanager
def ahead(pieces: Iterator[_T], most: int = 2) -> Iterator[Iterator[_T]]:
    """The same pieces, taken by a thread of its own.

    Args:
        pieces: used by that thread alone until the `with` block ends.
        most: pieces that may wait.

    Yields:
        The pieces in order; what taking them raised is raised behind those before it.
    """
    taker = _Taker(pieces, most)
    taker.thread.start()
    try:
        yield taker.taken()
    finally:
        taker.stop()


class _Taker(Generic[_T]):
    def __init__(self, pieces: Iterator[_T], most: int) -> None:
        self._pieces = pieces
        self._queue: Queue[_T | _End] = Queue(most)
        self._stopped = threading.Event()
        self.thread = threading.Thread(target=self._run, name="edefter-ahead", daemon=True)

    def taken(self) -> Iterator[_T]:
        while True:
            piece = self._queue.get()
            if isinstance(piece, _End):
                if piece.error is not None:
                    raise piece.error
                return
            yield piece

    def stop(self) -> None:
        """Wait until nobody uses the pieces any more."""
        self._stopped.set()
        while self.thread.is_alive():
            with suppress(Empty):
                self._queue.get(timeout=_WAIT_S)  # whoever waits for room goes on and ends

    def _run(self) -> None:
        end = _End(None)
        try:
            for piece in self._pieces:
                self._queue.put(piece)
                if self._stopped.is_set():
                    return
        except BaseException as error:  # raised where the pieces are used
            end = _End(error)
        self._queue.put(end)
