"""Making a failing input small: parts are left out as long as it fails in the same way.

    python -m benchmarks.fuzzing.reduce FILE SIGNATURE SECONDS

Writes `FILE` anew; run as a process of its own because the input may hang it.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.fuzzing.frame import Frame
from benchmarks.fuzzing.oracles import check
from benchmarks.fuzzing.signature import signature
from edefter.atomic import write_bytes

_TOKEN = re.compile(rb"<[^<>]*>|[^<>]+|[<>]")


def fails(frame: Frame, name: str) -> bool:
    """Whether the input breaks the property of that name."""
    try:
        check(frame)
    except Exception as problem:
        return signature(problem) == name
    return False


def reduce(data: bytes, name: str, seconds: float) -> bytes:
    """The smallest input found in that time that still fails as `name` says."""
    frame, end = Frame.unpack(data), time.monotonic() + seconds

    def still(candidate: Frame) -> bool:
        return fails(candidate, name)

    for options in (0, frame.options & 1, frame.options & 2, frame.options & 3):
        plain = Frame(frame.target, options, frame.document, frame.second)
        if options != frame.options and still(plain):
            frame = plain
            break
    for split in (_elements, _tokens, _bytes):
        if frame.second:
            whole = frame

            def second_still(parts: list[bytes], whole: Frame = whole) -> bool:
                joined = b"".join(parts)
                return still(Frame(whole.target, whole.options, whole.document, joined))

            kept = _shorten(split(frame.second), second_still, end)
            frame = Frame(frame.target, frame.options, frame.document, b"".join(kept))
        current = frame

        def first_still(parts: list[bytes], current: Frame = current) -> bool:
            return still(current.with_document(b"".join(parts)))

        frame = frame.with_document(b"".join(_shorten(split(frame.document), first_still, end)))
    return frame.pack()


def _elements(document: bytes) -> list[bytes]:
    return re.split(rb"(?=<gl-cor:entry(?:Header|Detail)>)|(?<=></gl-cor:entryHeader>)", document)


def _tokens(document: bytes) -> list[bytes]:
    return _TOKEN.findall(document)


def _bytes(document: bytes) -> list[bytes]:
    return [document[at : at + 1] for at in range(len(document))]


def _shorten(parts: list[bytes], still: Callable[[list[bytes]], bool], end: float) -> list[bytes]:
    size = max(1, len(parts) // 2)
    while True:
        at = 0
        while at < len(parts):
            if time.monotonic() > end:
                return parts
            fewer = parts[:at] + parts[at + size :]
            if still(fewer):
                parts = fewer
            else:
                at += size
        if size == 1:
            return parts
        size = max(1, size // 2)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    write_bytes(target, reduce(target.read_bytes(), sys.argv[2], float(sys.argv[3])))
