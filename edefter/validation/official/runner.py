"""Lets a package judge a document in a process of its own, with limits (see `limits`, `worker`).

Nothing foreign is parsed or run in the calling process: it hands bytes over and reads numbers and
texts back.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from edefter.errors import ConfigError, DataError
from edefter.model.documents import Kind
from edefter.validation.names import FAMILIES
from edefter.validation.official.limits import AVAILABLE, Limits
from edefter.validation.official.package import OfficialPackage
from edefter.validation.official.verdict import OfficialVerdict, Part, read_part

_ROOT = Path(__file__).resolve().parents[3]
_CHUNK = 1 << 16


@dataclass(slots=True)
class _End:
    """How the process ended: what it answered, and why there is no more."""

    parts: dict[str, Part]
    seconds: float | None
    death: Part


def judge(
    package: OfficialPackage,
    kind: Kind | None,
    path: Path,
    *,
    limits: Limits | None = None,
) -> OfficialVerdict:
    """Schema and rules of the package about one document.

    Args:
        package: an imported package.
        kind: whose rules are applied; None = schema only.
        path: the document; its file name is part of what rules look at.
        limits: size, time and memory.

    Raises:
        ConfigError: the extra `second-opinion` is not installed, this operating system cannot limit
            a process, or the kept package was changed.
        DataError: the document is larger than `limits.document_bytes`.
        OSError: the document cannot be read.
    """
    limits = limits or Limits()
    begin = time.monotonic()
    family = FAMILIES[kind] if kind is not None else ""
    rules = package.rules.get(family, "")
    end = _ask(package, path, rules, limits, timed=False)
    if "document" in end.parts:
        whole = end.parts["document"]
        return OfficialVerdict(whole, whole, time.monotonic() - begin)
    unasked = Part("absent", detail=family) if family else Part("no-kind")
    return OfficialVerdict(
        schema=end.parts.get("schema", end.death),
        rules=end.parts.get("rules", end.death if rules else unasked),
        seconds=time.monotonic() - begin,
    )


def time_rules(
    package: OfficialPackage, kind: Kind, path: Path, *, timeout_s: float = 600.0
) -> float:
    """Seconds of Saxon's transformation of a document, without start, compilation and parsing.

    Args:
        package: an imported package with rules for this kind.
        kind: whose rules are applied.
        path: the document; its size is not limited here.
        timeout_s: seconds until the process is killed.

    Returns:
        Seconds of the transformation; infinity when it did not end in time.

    Raises:
        ConfigError: as `judge`; or the package's rules gave no answer.
        OSError: the document cannot be read.
    """
    limits = Limits(document_bytes=sys.maxsize, wall_s=timeout_s, memory_bytes=16_000_000_000)
    rules = package.rules.get(FAMILIES[kind], "")
    end = _ask(package, path, rules, limits, timed=True)
    if end.seconds is not None:
        return end.seconds
    part = end.parts.get("rules", end.parts.get("document", end.death))
    if part.outcome == "timeout":
        return float("inf")
    raise ConfigError("official.no_time", outcome=part.outcome, detail=part.detail)


def require_engine() -> None:
    """Whether a second opinion can be had here at all.

    Raises:
        ConfigError: the extra is not installed, or the operating system cannot limit a process.
    """
    if not AVAILABLE:
        raise ConfigError("official.no_limits", system=sys.platform)
    if find_spec("saxonche") is None:
        raise ConfigError("official.no_saxon")


def _ask(package: OfficialPackage, path: Path, rules: str, limits: Limits, *, timed: bool) -> _End:
    require_engine()
    size = path.stat().st_size
    if size > limits.document_bytes:
        raise DataError(
            "official.too_large", file=path.name, size_bytes=size, limit=limits.document_bytes
        )
    request = {
        "document": b64encode(path.read_bytes()).decode(),
        "name": path.name,
        "schema": package.schema,
        "rules": rules,
        "files": {name: b64encode(data).decode() for name, data in package.files().items()},
        "memory_bytes": limits.memory_bytes,
        "cpu_s": int(limits.wall_s) + 1,
        "timed": timed,
    }
    with _started() as process:
        return _exchange(process, json.dumps(request).encode(), limits)


@contextlib.contextmanager
def _started() -> Iterator[subprocess.Popen[bytes]]:
    """The process in an empty folder and an environment that tells it nothing."""
    with tempfile.TemporaryDirectory(prefix="edefter") as folder:
        environment = {
            "PYTHONPATH": str(_ROOT),
            "LANG": "C.UTF-8",
            "HOME": folder,
            "TMPDIR": folder,
        }
        process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-B", "-X", "utf8", "-m",
             "edefter.validation.official.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            _kill(process)
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return  # its number may belong to another process by now
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _exchange(process: subprocess.Popen[bytes], request: bytes, limits: Limits) -> _End:
    deadline = time.monotonic() + limits.wall_s
    feeder = threading.Thread(target=_feed, args=(process, request), daemon=True)
    feeder.start()
    data, death = _listen(process, deadline, limits.answer_bytes)
    if death is not None:
        _kill(process)
    feeder.join()
    code = process.wait()
    return _read(data, death or _death(code))


def _death(code: int) -> Part:
    timed_out = code == -getattr(signal, "SIGXCPU", 0)
    return Part("timeout" if timed_out else "crashed", detail=f"exit status {code}")


def _read(data: bytes, death: Part) -> _End:
    """The whole lines of an answer; what is no answer of the worker counts as its death."""
    parts: dict[str, Part] = {}
    seconds: float | None = None
    try:
        for line in data.split(b"\n")[:-1]:
            answer = json.loads(line)
            name = answer["part"]
            if name in ("schema", "rules", "document"):
                parts[name] = read_part(answer)
                seconds = float(answer["seconds"]) if "seconds" in answer else seconds
            elif name == "death":
                death = read_part(answer)
    except (ValueError, KeyError, TypeError) as error:
        death = Part("crashed", detail=f"answer not understood: {error!r}")
    return _End(parts, seconds, death)


def _feed(process: subprocess.Popen[bytes], request: bytes) -> None:
    if process.stdin is None:
        return
    with contextlib.suppress(OSError):  # it died before it had read all
        process.stdin.write(request)
        process.stdin.close()


def _listen(
    process: subprocess.Popen[bytes], deadline: float, limit: int
) -> tuple[bytes, Part | None]:
    """All that the process writes, and why it has to be stopped, if it has."""
    if process.stdout is None:
        return b"", Part("crashed")
    received = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return bytes(received), Part("timeout")
            if not selector.select(left):
                continue
            chunk = os.read(process.stdout.fileno(), _CHUNK)
            if not chunk:
                return bytes(received), None
            received += chunk
            if len(received) > limit:
                return b"", Part("too-long", detail=f"more than {limit} bytes")
