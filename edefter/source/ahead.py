"""Takes the next piece from a source while the one before is being worked on."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from queue import Empty, Queue
from typing import Generic, TypeVar

from edefter.model.finding import FindingLog
from edefter.model.journal import JournalBatch
from edefter.source.port import ReadRequest, VoucherSource

_T = TypeVar("_T")
_WAIT_S = 0.01


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


def batches_ahead(
    source: VoucherSource, request: ReadRequest, findings: FindingLog
) -> Generator[JournalBatch]:
    """The batches of a source, each read while the one before is being worked on.

    Args:
        source, request: as of `VoucherSource.read`; `on_rows` is called where batches are taken.
        findings: gets what is wrong with a batch's rows when the batch is taken.

    Raises:
        What `VoucherSource.read` raises, behind the batches before it.
    """
    own = FindingLog(findings.limit_per_rule)

    def read() -> Iterator[tuple[JournalBatch | None, FindingLog, list[int]]]:
        rows: list[int] = []
        for batch in source.read(replace(request, on_rows=rows.append), own):
            yield batch, own.news(), rows.copy()
            rows.clear()
        yield None, own.news(), rows

    with ahead(read(), most=1) as pieces:
        for batch, found, told in pieces:
            for count in told:
                request.on_rows(count)
            findings.merge(found)
            if batch is not None:
                yield batch


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
                self._queue.get_nowait()  # whoever waits for room goes on and ends
            self.thread.join(_WAIT_S)

    def _run(self) -> None:
        end = _End(None)
        try:
            for piece in self._pieces:
                self._queue.put(piece)
                if self._stopped.is_set():
                    break
        except BaseException as error:  # raised where the pieces are used
            end = _End(error)
        # A generator gives back what it holds here, in its own thread, and not anywhere later.
        close = getattr(self._pieces, "close", None)
        with suppress(Exception):
            if close is not None:
                close()
        self._queue.put(end)
