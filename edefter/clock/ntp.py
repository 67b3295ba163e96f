"""Asks an NTP server with ntplib; whatever goes wrong becomes the answer's `problem`.

Problems are machine words (`clock.problem_<word>` in the catalogue): `address`, `name`,
`no_answer`, `unreachable`, `packet`, `origin`.
"""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime

import ntplib

from edefter.clock.port import TimeAnswer, WallClock

NTP_PORT = 123
_SERVER_MODE = 4
_ORIGIN_SLACK_S = 0.001  # the 32-bit fraction and ntplib's float arithmetic lose microseconds


def split_server(server: str, default_port: int = NTP_PORT) -> tuple[str, int]:
    """Split `host`, `host:port`, `[v6]` or `[v6]:port`.

    Args:
        server: the text of the configuration.
        default_port: port when none is given.

    Raises:
        ValueError: no host, or a port outside 1 … 65535.
    """
    text = server.strip()
    port_text = ""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"not a server: {server!r}")
        port_text = rest[1:]
    elif text.count(":") == 1:
        host, _, port_text = text.partition(":")
    else:
        host = text  # no colon, or a bare IPv6 address
    if not host or any(char.isspace() for char in host):
        raise ValueError(f"not a server: {server!r}")
    if not port_text:
        return host, default_port
    if not (port_text.isascii() and port_text.isdigit()) or not 1 <= int(port_text) <= 65535:
        raise ValueError(f"not a port: {server!r}")
    return host, int(port_text)


def host_clock() -> datetime:
    """The computer's time, zone-aware UTC."""
    return datetime.now(UTC)


class NtpTimeSource:
    """The real time source: one UDP question per server.

    Args:
        version: NTP version of the question, 3 or 4 (RFC 1305, RFC 5905).
        wall: the computer clock that offsets are counted from; ntplib itself always uses the
            host's, the difference is taken out.
    """

    def __init__(self, version: int = 4, wall: WallClock = host_clock) -> None:
        self._version = version
        self._wall = wall

    def ask(self, server: str, timeout_s: float) -> TimeAnswer:
        """Ask `server` once.

        Args:
            server: `host` or `host:port`.
            timeout_s: wait for the answer, > 0.

        Returns:
            The answer, with a `problem` when it cannot be used at all; stratum, leap, dispersion
            and round trip are judged by the policy (`edefter.clock.policy`).
        """
        try:
            host, port = split_server(server)
        except ValueError:
            return TimeAnswer(server=server, problem="address")
        before = ntplib.system_to_ntp_time(time.time())
        try:
            stats = ntplib.NTPClient().request(
                host, version=self._version, port=port, timeout=timeout_s
            )
        except (socket.gaierror, UnicodeError):
            return TimeAnswer(server=server, problem="name")
        except ntplib.NTPException as error:
            silent = str(error).startswith("No response")
            return TimeAnswer(server=server, problem="no_answer" if silent else "packet")
        except OSError:
            return TimeAnswer(server=server, problem="unreachable")
        shift_s = time.time() - self._wall().timestamp()
        return TimeAnswer(
            server=server,
            offset_s=float(stats.offset) + shift_s,
            round_trip_s=float(stats.delay),
            stratum=int(stats.stratum),
            leap=int(stats.leap),
            root_dispersion_s=float(stats.root_dispersion),
            problem=_packet_problem(stats, before),
        )


def _packet_problem(stats: ntplib.NTPStats, before: float) -> str:
    """Refuse what is no answer to our own question; ntplib does not look (RFC 5905 §8)."""
    if stats.mode != _SERVER_MODE or not stats.tx_timestamp or not stats.recv_timestamp:
        return "packet"
    earliest = before - _ORIGIN_SLACK_S
    if not earliest <= stats.orig_timestamp <= stats.dest_timestamp + _ORIGIN_SLACK_S:
        return "origin"
    return ""
