"""Reading the answer of a foreign server within bounds of size and time."""

from __future__ import annotations

import time

import requests
import urllib3

_BLOCK_BYTES = 16 * 1024


class BadAnswer(requests.RequestException):
    """The body was cut, is too large or came too slowly; the text says which."""


class TooLarge(BadAnswer):
    """The body has no end in sight."""


def read_bounded(
    answer: requests.Response, *, most_bytes: int, deadline: float, decoded: bool = False
) -> bytes:
    """The whole body of a streamed answer.

    What has arrived is taken at once, so that a server that drips bytes meets the deadline too.

    Args:
        answer: asked for with `stream=True`.
        most_bytes: largest body.
        deadline: `time.monotonic()` at which it must be complete.
        decoded: undo a Content-Encoding; without it, ask with `Accept-Encoding: identity`.

    Raises:
        BadAnswer: as the name says.
    """
    body = bytearray()
    try:
        while block := answer.raw.read1(_BLOCK_BYTES, decode_content=decoded):
            body += block
            if len(body) > most_bytes:
                raise TooLarge("answer too large")
            if time.monotonic() > deadline:
                raise BadAnswer("answer too slow")
    except (urllib3.exceptions.HTTPError, OSError) as error:
        if isinstance(error, BadAnswer):  # requests' errors are OSErrors
            raise
        raise BadAnswer(f"cut: {type(error).__name__}") from None
    return bytes(body)
