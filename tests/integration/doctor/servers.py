"""Real servers on loopback for the doctor: TLS, plain HTTP, CONNECT proxies, silent ones."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

Handler = Callable[[socket.socket], None]


def answer(status: str = "200 OK", *headers: str, shift_s: float = 0.0) -> bytes:
    """An HTTP answer with a Date that is `shift_s` off."""
    import time

    lines = [f"HTTP/1.1 {status}", f"Date: {formatdate(time.time() + shift_s, usegmt=True)}"]
    return "\r\n".join([*lines, *headers, "Content-Length: 0", "", ""]).encode()


def read_head(line: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        part = line.recv(4096)
        if not part:
            break
        head += part
    return head


@contextmanager
def listening(handler: Handler, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that gives each connection to `handler`, after a TLS handshake if asked for."""
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]

    def serve(line: socket.socket) -> None:
        try:
            with context.wrap_socket(line, server_side=True) if context else line as secured:
                handler(secured)
        except OSError:
            line.close()

    def accept() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            line.settimeout(5)
            threading.Thread(target=serve, args=(line,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield port
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


def replying(reply: bytes, seen: list[bytes] | None = None) -> Handler:
    """Reads one request and gives one reply."""

    def handle(line: socket.socket) -> None:
        head = read_head(line)
        if seen is not None:
            seen.append(head)
        line.sendall(reply)

    return handle


def tunnelling(seen: list[bytes]) -> Handler:
    """A real CONNECT proxy."""

    def handle(line: socket.socket) -> None:
        head = read_head(line)
        seen.append(head)
        host, _, port = head.split(b" ")[1].decode().rpartition(":")
        with socket.create_connection((host, int(port)), timeout=5) as far:
            line.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(far, line), daemon=True)
            back.start()
            pump(line, far)
            back.join(5)

    return handle


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while part := source.recv(65_536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def tls_context(certificate: Path, key: Path, client_ca: Path | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    return context


@contextmanager
def dropping() -> Iterator[int]:
    """A port whose queue is full: the kernel drops every further SYN, as a firewall does."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(0)
    waiting = []
    try:
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
            waiting.append(filler)
        yield server.getsockname()[1]
    finally:
        for filler in waiting:
            filler.close()
        server.close()
