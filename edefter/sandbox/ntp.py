"""A real NTP server on loopback UDP ports that can be told to be wrong.

    python -m edefter.sandbox.ntp --state DIR [--port 0] [--count N]

Knobs in `<state>/knobs.json`, read at every question; those under `ports` win for one port, named
by its number or by its index from 0:

    {"offset_s": 45, "ports": {"1": {"drop": true}}}

offset_s    its time minus true time            stratum, leap       as sent
drop        no answer                           delay_s             answers so late
jitter_s    ± random error per answer           root_dispersion_s   as sent
wrong_origin  answers a question nobody asked   mode                as sent (4 = server)
garbage     answers with bytes that are no NTP
"""

from __future__ import annotations

import argparse
import random
import signal
import socket
import struct
import threading
import time
from pathlib import Path
from typing import Any

from edefter.sandbox.process import announce_ready, read_knobs, record

_NTP_EPOCH_S = 2_208_988_800  # 1900-01-01 … 1970-01-01 (RFC 5905 §6)
_PACKET = struct.Struct("!BBBbIIIQQQQ")
_CLIENT_MODE = 3


def ntp_stamp(unix_s: float) -> int:
    """64-bit NTP time stamp of seconds since 1970 (era 0)."""
    whole = int(unix_s // 1)
    return ((whole + _NTP_EPOCH_S) & 0xFFFFFFFF) << 32 | int((unix_s - whole) * 2**32)


def answer_to(question: bytes, received_s: float, knobs: dict[str, Any]) -> bytes | None:
    """The answer packet, or None for what is no client question.

    Args:
        question: the datagram.
        received_s: true time of its arrival, seconds since 1970.
        knobs: how to misbehave.
    """
    if len(question) < _PACKET.size:
        return None
    first, _, poll, _, _, _, _, _, _, _, transmit = _PACKET.unpack(question[: _PACKET.size])
    version, mode = first >> 3 & 0x7, first & 0x7
    if mode != _CLIENT_MODE or not 1 <= version <= 4 or transmit == 0:
        return None
    if knobs.get("garbage"):
        return b"HTTP/1.1 400 Bad Request"
    wrong_s = float(knobs.get("offset_s", 0.0))
    jitter_s = float(knobs.get("jitter_s", 0.0))
    wrong_s += random.uniform(-jitter_s, jitter_s)  # noqa: S311 - a disturbance, no secret
    origin = transmit - (5 << 32) if knobs.get("wrong_origin") else transmit
    return _PACKET.pack(
        int(knobs.get("leap", 0)) << 6 | version << 3 | int(knobs.get("mode", 4)),
        int(knobs.get("stratum", 2)),
        poll,
        -20,
        0,
        int(float(knobs.get("root_dispersion_s", 0.001)) * 2**16),
        int.from_bytes(b"TEST", "big"),
        ntp_stamp(received_s + wrong_s - 16),
        origin,
        ntp_stamp(received_s + wrong_s),
        ntp_stamp(time.time() + wrong_s),
    )


def knobs_of(state: Path, index: int, port: int) -> dict[str, Any]:
    """The knobs in force for one port."""
    knobs = read_knobs(state)
    by_port = knobs.pop("ports", {})
    return {**knobs, **by_port.get(str(index), {}), **by_port.get(str(port), {})}


class _Journal:
    """Lines of several threads, one after the other."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._lock = threading.Lock()

    def note(self, **what: Any) -> None:
        with self._lock:
            record(self._state, **what)


def serve(server: socket.socket, index: int, state: Path, journal: _Journal) -> None:
    """Answer questions on one socket for ever."""
    port = server.getsockname()[1]
    while True:
        question, peer = server.recvfrom(2048)
        received_s = time.time()
        knobs = knobs_of(state, index, port)
        answer = answer_to(question, received_s, knobs)
        drop = bool(knobs.get("drop"))
        journal.note(port=port, size_bytes=len(question), valid=answer is not None, dropped=drop)
        if answer is None or drop:
            continue
        delay_s = float(knobs.get("delay_s", 0.0))
        if delay_s > 0:
            timer = threading.Timer(delay_s, server.sendto, (answer, peer))
            timer.daemon = True
            timer.start()
        else:
            server.sendto(answer, peer)


def main(arguments: list[str] | None = None) -> int:
    """Run the simulator until SIGTERM or until its standard input closes."""
    parser = argparse.ArgumentParser(prog="python -m edefter.sandbox.ntp")
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0, help="first port; 0 = any free ones")
    parser.add_argument("--count", type=int, default=1, help="number of servers (ports)")
    options = parser.parse_args(arguments)
    options.state.mkdir(parents=True, exist_ok=True)
    journal = _Journal(options.state)
    ports = []
    for index in range(options.count):
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", options.port + index if options.port else 0))
        ports.append(server.getsockname()[1])
        threading.Thread(
            target=serve, args=(server, index, options.state, journal), daemon=True
        ).start()
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    announce_ready(port=ports[0], ports=ports)
    stopped.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
