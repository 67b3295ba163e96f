"""Run one `edefter` command again and again, killed (SIGKILL) at one more effect each time.

An effect is a state transition, an upload record, a call to GİB or the portal, a change of the
archive, or the moment a finished file gets its name. Every run dies at the first effect that was
not hit yet, first right before it, in the next run right after it, until a run ends by itself.
So each effect of a month is hit twice, and the month is continued after each kill. The product
has no hooks for this: its functions are wrapped here, in forked child processes.

    python -m tests.support.deadly LIMIT -- words of edefter

prints JSON: the points hit, and the exit code of the run that ended by itself.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edefter.archive.portal import PortalClient
from edefter.archive.vault import Vault
from edefter.cli.main import run
from edefter.gib.client import GibClient
from edefter.state.store import Store


def _transition(arguments: tuple[Any, ...], named: dict[str, Any]) -> str:
    return f"{arguments[1]} {arguments[2]} {named['cause']}"


def _upload(arguments: tuple[Any, ...], named: dict[str, Any]) -> str:
    return f"{arguments[1]} {arguments[2]} {sorted(named)}"


def _file(arguments: tuple[Any, ...], _: dict[str, Any]) -> str:
    target = Path(arguments[1])
    return f"{target.parent.name}/{target.name}"


EFFECTS: tuple[tuple[type, str, Callable[[tuple[Any, ...], dict[str, Any]], str]], ...] = (
    (Store, "open_document", lambda _, named: str(named["kind"])),
    (Store, "adopt", lambda _, named: str(named["kind"])),
    (Store, "transition", _transition),
    (Store, "save_upload", _upload),
    (GibClient, "send", lambda arguments, _: arguments[1].package_id),
    (GibClient, "status", lambda arguments, _: arguments[1]),
    (GibClient, "fetch", lambda arguments, _: arguments[1]),
    (PortalClient, "register", lambda *_: ""),
    (PortalClient, "store", lambda arguments, _: arguments[1].file_name),
    (PortalClient, "withdraw", lambda arguments, _: arguments[1]),
    (Vault, "cancel", lambda arguments, _: str(len(arguments[2]))),
    (Vault, "put", lambda arguments, _: str(arguments[1].name)),
    (Vault, "put_bytes", lambda arguments, _: arguments[2]),
    (Vault, "note", lambda arguments, _: arguments[2]),
    (Path, "replace", _file),
    (Path, "rename", _file),
)


def main(limit: int, words: list[str]) -> int:
    """Kill until a run ends by itself, `limit` runs at most."""
    hits = Path(tempfile.mkdtemp()) / "hits"
    hits.touch()
    for _ in range(limit):
        child = os.fork()
        if child == 0:
            os._exit(_child(hits, words))
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            _unlock(hits, words)
            continue
        points = hits.read_text(encoding="utf-8").splitlines()
        print(json.dumps({"points": points, "code": os.waitstatus_to_exitcode(status)}))
        return 0
    print(json.dumps({"points": hits.read_text(encoding="utf-8").splitlines(), "code": None}))
    return 1


def _unlock(hits: Path, words: list[str]) -> None:
    """Killed inside a login at a token, where a person has to say that the PIN is right."""
    last = hits.read_text(encoding="utf-8").splitlines()[-1]
    if last.startswith("after Path.replace seals/") and last.endswith(".pin.json"):
        command = [sys.executable, "-m", "edefter", *words[:2], "seal", "unlock"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _child(hits: Path, words: list[str]) -> int:
    os.dup2(2, 1)  # the parent's standard output is for the result
    wrap_effects(_FirstNotHit(hits).reached)
    code = run(words)
    sys.stdout.flush()
    return code


def wrap_effects(reached: Callable[[str], None]) -> None:
    """Have a function called right before and right after every effect of this process.

    Args:
        reached: gets `before …` or `after …`; it may end the process.
    """
    for owner, name, describe in EFFECTS:
        _wrap(owner, name, describe, reached)


def _wrap(
    owner: type, name: str, describe: Callable[..., str], reached: Callable[[str], None]
) -> None:
    plain: Callable[..., Any] = getattr(owner, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        point = f"{owner.__name__}.{name} {describe(args, kwargs)}".strip()
        reached(f"before {point}")
        result = plain(*args, **kwargs)
        reached(f"after {point}")
        return result

    setattr(owner, name, wrapped)


class _FirstNotHit:
    """The first effect that was not hit yet ends the process."""

    def __init__(self, hits: Path) -> None:
        self._path = hits
        self._hits = set(hits.read_text(encoding="utf-8").splitlines())

    def reached(self, point: str) -> None:
        if point in self._hits:
            return
        with self._path.open("a", encoding="utf-8") as log:
            log.write(point + "\n")
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]), sys.argv[3:]))
