"""Documents of any size that are never in memory: blocks and how often each is repeated."""

from __future__ import annotations

import bisect
import io
import itertools

Part = bytes | tuple[bytes, int]


class Repeated(io.RawIOBase):
    """A seekable stream of blocks, each repeated some number of times.

    Args:
        parts: bytes, or (block, times).
    """

    def __init__(self, *parts: Part) -> None:
        super().__init__()
        self._parts = [(part, 1) if isinstance(part, bytes) else part for part in parts]
        self._parts = [(block, times) for block, times in self._parts if block and times]
        lengths = [len(block) * times for block, times in self._parts]
        self._starts = [0, *itertools.accumulate(lengths)]
        self.size = self._starts[-1]
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer) -> int:
        view, filled = memoryview(buffer).cast("B"), 0
        while filled < len(view) and self._at < self.size:
            index = bisect.bisect_right(self._starts, self._at) - 1
            block, _ = self._parts[index]
            inside = self._at - self._starts[index]
            offset = inside % len(block)
            left = self._starts[index + 1] - self._at
            take = min(left, len(view) - filled)
            piece = block * -(-(offset + take) // len(block))
            view[filled : filled + take] = piece[offset : offset + take]
            filled += take
            self._at += take
        return filled


class Trickle(io.RawIOBase):
    """A stream that cannot seek and gives at most so many bytes at a time.

    Args:
        content: what it holds.
        sizes: lengths of its answers (≥ 1), repeated from the start when they are used up.
    """

    def __init__(self, content: bytes, *sizes: int) -> None:
        super().__init__()
        self._inner = io.BytesIO(content)
        self._sizes = itertools.cycle(sizes)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def read(self, size: int = -1) -> bytes:
        wanted = next(self._sizes)
        return self._inner.read(wanted if size < 0 else min(size, wanted))
