"""What the transport makes of answers that end badly, on bare sockets."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from lxml import etree

from edefter.gib.answers import Answer, Unreadable
from edefter.gib.transport import GibTransport, NotSent, SentWithoutAnswer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


@contextmanager
def server(answer: bytes, *, pause_s: float = 0.0) -> Iterator[str]:
    """Answers one request with these bytes and closes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                received = b""
                while b"</a>" not in received:
                    received += connection.recv(65536)
                time.sleep(pause_s)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join()


def transport(read_timeout_s: float = 5.0) -> GibTransport:
    return GibTransport(
        bundle="/nonexistent.pem", proxy="", connect_timeout_s=5, read_timeout_s=read_timeout_s,
        monotonic=time.monotonic,
    )  # fmt: skip


def post(url: str, **kinds: float):
    return transport(**kinds).post_xml(url, etree.fromstring("<a>x</a>"), {})


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 4\r\n\r\n<b/>",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n<b\r\n2\r\n/>\r\n0\r\n\r\n",
        HEAD + b"\r\n<b/>",
        HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(b"<b/>"),
    ],
)
def test_whole_answers(answer):
    with server(answer) as url:
        raw = post(url)
    assert (raw.status, raw.content) == (200, b"<b/>")
    assert raw.headers["content-type"] == "text/xml"


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 40\r\n\r\n<b/>",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n<b\r\n20\r\n/>",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"Content-Encoding: gzip\r\n\r\nno gzip",
        b"",
        b"garbage\r\n\r\n",
    ],
)
def test_answers_that_break_off_leave_the_outcome_unknown(answer):
    with server(answer) as url, pytest.raises(SentWithoutAnswer):
        post(url)


def test_an_answer_cut_inside_its_headers_is_no_soap_message():
    with server(HEAD) as url:
        raw = post(url)
    with pytest.raises(Unreadable):
        Answer(raw)


def test_silence_leaves_the_outcome_unknown():
    with server(HEAD, pause_s=0.6) as url, pytest.raises(SentWithoutAnswer, match="Timeout"):
        post(url, read_timeout_s=0.2)


def test_a_bomb_of_an_answer_is_given_up(monkeypatch):
    monkeypatch.setattr("edefter.gib.transport.MAX_ANSWER_BYTES", 1000)
    packed = gzip.compress(b"<b>" + b" " * 1_000_000)
    answer = HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + packed
    with server(answer) as url, pytest.raises(SentWithoutAnswer, match="too large"):
        post(url)


def test_a_refused_connection_sent_nothing():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
    with pytest.raises(NotSent, match="refused"):
        post(url)
