"""The helper process: one PKCS#11 library, one request at a time.

    python -m edefter.signature.seals.pkcs11.helper LIBRARY

It ends when its standard input does, even while the driver hangs: then the service is gone or
wants it to end. Signals that ask for an end concern the service alone. What a driver prints goes to
standard error and never among the answers.
"""

from __future__ import annotations

import base64
import contextlib
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO

from edefter.signature.seals.pkcs11.protocol import ProtocolError, read_frame, write_frame

LOST_LINK = ("0x80000384", "0x80000387")
"""Vendor codes of Luna HSMs whose network link was cut while idle (signing.md §3)."""


FAREWELL_S = 2.0
"""A driver may have that long to log out and to let go of its token."""


def main() -> None:
    """Serve until standard input ends."""
    for number in (signal.SIGINT, signal.SIGTERM):  # else a stop would cut a login in two
        signal.signal(number, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests: queue.Queue[dict[str, Any] | None] = queue.Queue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    try:
        from edefter.signature.seals.pkcs11.driver import Driver

        driver = Driver(sys.argv[1])
    except Exception as problem:
        _answer(answers, requests.get() or {}, _failure(problem))
        return
    actions = _actions(driver)
    while (request := requests.get()) is not None:
        _answer(answers, request, _act(actions, request))
    with contextlib.suppress(Exception):
        driver.end()
    os._exit(0)


def _listen(stream: BinaryIO, requests: queue.Queue[dict[str, Any] | None]) -> None:
    try:
        while (request := read_frame(stream)) is not None:
            requests.put(request)
    except (OSError, ProtocolError):
        pass
    requests.put(None)
    time.sleep(FAREWELL_S)
    os._exit(0)  # the main thread may be inside the driver for ever


def _answer(stream: BinaryIO, request: dict[str, Any], content: dict[str, Any]) -> None:
    write_frame(stream, {**content, "number": request.get("number")})


def _actions(driver: Any) -> dict[str, Callable[[dict[str, Any]], dict[str, Any]]]:
    def token(request: dict[str, Any]) -> dict[str, Any]:
        return dict(driver.token(request["label"], request["serial"]))

    def opened(request: dict[str, Any]) -> dict[str, Any]:
        return dict(driver.open(request["label"], request["serial"], request["pin"]))

    def sign(request: dict[str, Any]) -> dict[str, Any]:
        value = driver.sign(
            request["label"],
            request["serial"],
            request["key"],
            request["mechanism"],
            base64.b64decode(request["data"]),
            request["pin"],
        )
        return {"value": base64.b64encode(value).decode("ascii")}

    return {"token": token, "open": opened, "sign": sign}


def _act(
    actions: dict[str, Callable[[dict[str, Any]], dict[str, Any]]], request: dict[str, Any]
) -> dict[str, Any]:
    try:
        return {"result": actions[request["action"]](request)}
    except Exception as problem:
        return _failure(problem)


def _failure(problem: Exception) -> dict[str, Any]:
    """What went wrong, without anything that was given to the driver."""
    name, text = type(problem).__name__, str(problem).lower()
    if any(code in text for code in LOST_LINK):
        name = "LinkLost"
    failure: dict[str, Any] = {"error": name}
    if name == "NotChosen":
        failure |= {"found": getattr(problem, "found", []), "fitting": problem.fitting}  # type: ignore[attr-defined]
    elif name == "PKCS11Error":  # a code that has no class of its own, or loading failed
        failure["detail"] = str(problem).replace(sys.argv[1], "").strip(" :")[:200]
    return failure


if __name__ == "__main__":
    main()
