"""What the service and its PKCS#11 helper say to each other: frames of JSON over pipes.

A frame is the length of its content (four bytes, big-endian) and the content, one JSON object.
"""

from __future__ import annotations

import json
from typing import Any, BinaryIO

MAX_FRAME_BYTES = 4 << 20
"""A token holds a handful of certificates; more is a mistake on the other side."""


class ProtocolError(Exception):
    """The bytes are no frame."""


def write_frame(stream: BinaryIO, content: dict[str, Any]) -> None:
    """Send one frame.

    Raises:
        OSError: the other side is gone.
    """
    data = json.dumps(content).encode()
    stream.write(len(data).to_bytes(4) + data)
    stream.flush()


def read_frame(stream: BinaryIO) -> dict[str, Any] | None:
    """The next frame; None at the end of the stream.

    Raises:
        ProtocolError: a cut frame, one that is too long, or no JSON object.
        OSError: the stream cannot be read.
    """
    head = _exactly(stream, 4)
    if not head:
        return None
    size_bytes = int.from_bytes(head)
    if len(head) < 4 or size_bytes > MAX_FRAME_BYTES:
        raise ProtocolError("length")
    data = _exactly(stream, size_bytes)
    if len(data) < size_bytes:
        raise ProtocolError("cut")
    try:
        content = json.loads(data)
    except ValueError:
        raise ProtocolError("no JSON") from None
    if not isinstance(content, dict):
        raise ProtocolError("no object")
    return content


def _exactly(stream: BinaryIO, size_bytes: int) -> bytes:
    """That many bytes, or fewer at the end of the stream."""
    data = b""
    while len(data) < size_bytes:
        more = stream.read(size_bytes - len(data))
        if not more:
            break
        data += more
    return data
