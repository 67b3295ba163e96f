"""A TCP line that counts what crosses it and breaks when it is told to."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable

_BLOCK_BYTES = 1 << 16


class Line:
    """Forwards connections of one local port to another.

    Args:
        target_port: of the server, on loopback.
        passed: hears how many bytes went from clients to the server so far, before they are
            passed on.

    Attributes:
        port: where clients connect.
        sent_bytes: from clients to the server, TLS and headers included.
    """

    def __init__(self, target_port: int, passed: Callable[[int], None]) -> None:
        self.target_port = target_port
        self.sent_bytes = 0
        self._passed = passed
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._torn: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target_port))
            except OSError:
                client.close()
                continue
            self._open |= {client, server}
            for source, sink, count in ((client, server, True), (server, client, False)):
                threading.Thread(
                    target=self._pass_on, args=(source, sink, count), daemon=True
                ).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, count: bool) -> None:
        with contextlib.suppress(OSError):
            while (block := source.recv(_BLOCK_BYTES)) and source not in self._torn:
                if count:
                    self._passed(self.sent_bytes)
                    self.sent_bytes += len(block)
                if source not in self._torn:
                    sink.sendall(block)
        for end in (source, sink):
            self._open.discard(end)
            if end not in self._torn:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            end.close()

    def cut(self) -> None:
        """Reset every connection, as a torn line does."""
        for end in list(self._open):
            self._torn.add(end)
            with contextlib.suppress(OSError):
                # With no lingering a close is a reset; but first whoever reads must let go of it.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RD)

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()
        self.cut()
