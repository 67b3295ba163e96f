"""Commands in processes that have loaded the program already.

Loading takes a second, and the acceptance suite gives some thousand commands. A process that has
imported the command line waits here and forks for each of them: every command is a process of its
own, as it always was, with its own environment, output and exit status; only the imports are not
repeated. Tests that kill, or that look at starting itself, start `python -m edefter`.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

_MOST_REQUEST_BYTES = 1 << 20
_LENGTH_BYTES = 4


class WarmProgram:
    """`edefter` in one language, ready to be forked; ends with the process that made it.

    Args:
        lang: `tr` or `en`.
    """

    def __init__(self, lang: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="edefter-warm-")
        self._address = str(Path(self._folder.name) / "socket")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.warm", self._address],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "EDEFTER_LANG": lang},
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n", "the warm program did not start"
        atexit.register(self.close)

    def close(self) -> None:
        """End it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()
        self._folder.cleanup()

    def run(self, words: Sequence[str], environment: dict[str, str]) -> tuple[int, str, str]:
        """Run one command to its end.

        Args:
            words: arguments of `edefter`.
            environment: the whole.

        Returns:
            Exit status (negative = the signal that ended it), standard output, standard error.
        """
        request = json.dumps(
            {"words": list(words), "environment": environment, "folder": str(Path.cwd())}
        ).encode()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.connect(self._address)
                length = len(request).to_bytes(_LENGTH_BYTES, "big")
                socket.send_fds(line, [length], [out.fileno(), err.fileno()])
                line.sendall(request)
                answer = line.recv(16)
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode("utf-8").replace("\r\n", "\n"))
        assert answer, "the warm program lost a command"
        return int(answer), texts[0], texts[1]


_programs: dict[str, WarmProgram] = {}
_lock = threading.Lock()


def run_warm(words: Sequence[str], environment: dict[str, str]) -> tuple[int, str, str]:
    """Run `edefter words…`; see `WarmProgram.run`. The language is that of the environment."""
    lang = environment.get("EDEFTER_LANG", "tr")
    with _lock:
        if lang not in _programs:
            _programs[lang] = WarmProgram(lang)
    return _programs[lang].run(words, environment)


# -- in the waiting process ------------------------------------------------------------------


def _serve(address: str) -> None:
    from edefter import process
    from edefter.cli.main import COMMANDS

    for name in {*COMMANDS.values()}:
        import_module(f"edefter.cli.{name}")
    for name in ("edefter.gib.client", "edefter.archive.portal", "edefter.source.sqlite_columns"):
        import_module(name)
    process.relax()
    process.settle()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.bind(address)
        door.listen(16)
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([door, sys.stdin], [], [], 0.2)
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            if sys.stdin in ready:
                return  # who started it is gone
            if door in ready:
                line, _ = door.accept()
                if not os.fork():
                    door.close()
                    _answer(line)
                line.close()


def _answer(line: socket.socket) -> None:
    """In a process of its own: fork the command, wait for it, tell how it ended."""
    length, files, _, _ = socket.recv_fds(line, _LENGTH_BYTES, 2)
    wanted = int.from_bytes(length, "big")
    assert wanted <= _MOST_REQUEST_BYTES
    request = b""
    while len(request) < wanted:
        request += line.recv(wanted - len(request))
    child = os.fork()
    if not child:
        line.close()
        _command(json.loads(request), files)
    _, status = os.waitpid(child, 0)
    line.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _command(request: dict[str, object], files: list[int]) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    for file, place in ((nowhere, 0), (files[0], 1), (files[1], 2)):
        os.dup2(file, place)
    os.closerange(3, max(nowhere, *files) + 1)
    os.environ.clear()
    os.environ.update(request["environment"])  # type: ignore[arg-type]
    os.chdir(str(request["folder"]))
    sys.argv = ["edefter", *request["words"]]  # type: ignore[misc]
    code = 70
    try:
        import_module("edefter.cli.main").main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        # Only where `main` left somebody at work: it ends the process itself else.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(sys.argv[1])
