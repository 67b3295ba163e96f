"""Start a simulator as a process of its own and wait until it is ready.

The contract between parent and simulator: the simulator is `python -m <module> --state DIR
[…]`, prints one JSON line with at least `{"ready": true, "port": …}` on standard output when
it listens, ends on SIGTERM, and ends by itself when its standard input closes (so that a killed
parent leaves no orphan).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any


class Simulator:
    """One running simulator process.

    Args:
        module: module to run, e.g. `edefter.sandbox.ntp`.
        state: its own folder (knobs.json, received.jsonl, logs); made when missing.
        arguments: further command-line arguments.

    Attributes:
        facts: the JSON object it printed when ready (`port`, `url`, …).
    """

    def __init__(self, module: str, state: Path, *arguments: str) -> None:
        self.module = module
        self.state = state
        self.arguments = arguments
        self.facts: dict[str, Any] = {}
        self._process: subprocess.Popen[str] | None = None

    def start(self, timeout_s: float = 30.0) -> Simulator:
        """Start it and wait for readiness.

        Raises:
            RuntimeError: it ended or stayed silent; the text holds the end of its log.
        """
        self.state.mkdir(parents=True, exist_ok=True)
        log = (self.state / "log.txt").open("a", encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", self.module, "--state", str(self.state), *self.arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        log.close()
        timer = threading.Timer(timeout_s, self._process.kill)
        timer.start()
        try:
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        if not line:
            tail = (self.state / "log.txt").read_text(encoding="utf-8")[-2000:]
            raise RuntimeError(f"{self.module} did not become ready:\n{tail}")
        self.facts = json.loads(line)
        return self

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.facts["port"])

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        """End it; safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin is not None:
            process.stdin.close()
        if process.stdout is not None:
            process.stdout.close()

    def set_knobs(self, **knobs: Any) -> None:
        """Replace all knobs; none given = behave."""
        from edefter.atomic import write_bytes

        write_bytes(self.state / "knobs.json", json.dumps(knobs).encode())

    def received(self) -> list[dict[str, Any]]:
        """What it received so far, oldest first."""
        path = self.state / "received.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def __enter__(self) -> Simulator:
        return self if self._process is not None else self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def read_knobs(state: Path) -> dict[str, Any]:
    """The knobs in force now (for simulators)."""
    try:
        knobs: dict[str, Any] = json.loads((state / "knobs.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return knobs


def record(state: Path, **what: Any) -> None:
    """Append one received request to the journal (for simulators)."""
    with (state / "received.jsonl").open("a", encoding="utf-8") as journal:
        journal.write(json.dumps(what, ensure_ascii=False) + "\n")


def announce_ready(**facts: Any) -> None:
    """Tell the parent that we listen, and end when it goes away (for simulators)."""
    print(json.dumps({"ready": True, **facts}), flush=True)

    def watch() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def serve(server: ThreadingHTTPServer, **facts: Any) -> None:
    """Announce an HTTP server and run it until SIGTERM (for simulators)."""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    announce_ready(port=server.server_address[1], **facts)
    stopped.wait()


def send_body(handler: BaseHTTPRequestHandler, body: bytes, drip_s: float = 0.0) -> None:
    """Send the body of an answer, if asked for in single bytes with a wait behind each."""
    for start in range(0, len(body), 1 if drip_s else max(1, len(body))):
        handler.wfile.write(body[start : start + 1] if drip_s else body)
        handler.wfile.flush()
        time.sleep(drip_s)
