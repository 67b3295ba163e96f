"""The second line of defence: attacks run in Saxon past the guard, and still reach nothing.

In the first test the same attacks run without confinement, to show that they are real.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stylesheet_attacks import ATTACKS

PROGRAM = """
import json, os, resource, sys
from edefter.validation.official.limits import close_the_door, confine
from edefter.validation.official.saxon import Document, Engine
order = json.load(sys.stdin)
user = order["user"]
if user:
    os.setgroups([]); os.setgid(user); os.setuid(user)
engine = Engine()
document = Document(b"<a>1</a>", "a.xml")
if order["confined"]:
    confine(2_000_000_000, 60)
    close_the_door()
answers = {}
for name, sheet in order["attacks"].items():
    try:
        rules = engine.compile(sheet.encode())
        answers[name] = rules._run(rules._parse(document))
    except Exception as error:
        answers[name] = "stopped: " + type(error).__name__
try:
    open(order["probe"])
    answers["open"] = "opened"
except OSError as error:
    answers["open"] = error.strerror
try:
    os.fork() or os._exit(0)
    answers["fork"] = "forked"
except OSError as error:
    answers["fork"] = error.strerror
print(json.dumps(answers))
"""
LEAKS = {
    "doc", "doc with its URI", "doc by reference", "doc by look-up", "document", "collection",
    "unparsed-text", "unparsed-text-lines", "json-doc", "parse-xml with an external entity",
    "literal attribute after a quote", "shadow attribute", "use-when", "source-document",
    "merge", "import", "include",
}  # fmt: skip
"""Attacks that give the secret away when nothing holds them; a selection, for the test's sake."""


USERS = [0] if os.getuid() else [0, 65534]
"""0 = whoever runs the tests; root also becomes nobody, as which limits hold fully."""


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A server on this machine, and who came."""
    came: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        ended = threading.Event()

        def wait() -> None:
            while not ended.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                came.append(address)
                connection.close()

        thread = threading.Thread(target=wait)
        thread.start()
        yield server.getsockname()[1], came
        ended.set()
        thread.join()


def run(folder: Path, port: int, *, confined: bool, user: int = 0) -> dict[str, str]:
    folder.chmod(0o755)
    secret = folder / "secret"
    secret.with_suffix(".txt").write_text("SECRET\n")
    secret.with_suffix(".json").write_text('["SECRET"]')
    module = (
        '<xsl:transform version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
        '<xsl:template match="/*" priority="9"><o>SECRET</o></xsl:template></xsl:transform>'
    )
    secret.with_suffix(".xml").write_text("<s>SECRET</s>")
    secret.with_suffix(".xsl").write_text(module)
    attacks = {
        name: sheet.replace("@SECRET@.xml", "@SECRET@.xsl" if "clude" in name or name == "import"
                            else "@SECRET@.xml")
        .replace("@SECRET@", secret.as_uri())
        .replace("@FOLDER@", folder.as_uri())
        .replace("@OUT@", (folder / "OUT.xml").as_uri())
        .replace("127.0.0.1:9/", f"127.0.0.1:{port}/")
        .replace('<xsl:template match="/"><o/></xsl:template>',
                 '<xsl:template match="/"><o><xsl:apply-templates/></o></xsl:template>')
        for name, sheet in ATTACKS.items()
    }  # fmt: skip
    order = {
        "attacks": attacks,
        "confined": confined,
        "user": user,
        "probe": str(secret.with_suffix(".txt")),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_the_attacks_are_real(tmp_path, listener):
    port, came = listener
    answers = run(tmp_path, port, confined=False)
    leaked = {name for name, answer in answers.items() if "SECRET" in answer}
    assert leaked >= LEAKS, sorted(LEAKS - leaked)
    assert came
    assert answers["open"] == "opened"


@pytest.mark.parametrize("user", USERS)
def test_confined_they_reach_nothing(user, listener):
    port, came = listener
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        folder = Path(name)
        answers = run(folder, port, confined=True, user=user)
        assert {name: answer for name, answer in answers.items() if "SECRET" in answer} == {}
        assert came == []
        assert not (folder / "OUT.xml").exists()
    assert answers["open"] == "Too many open files"
    if user or os.getuid():  # root may have any number of processes
        assert answers["fork"] == "Resource temporarily unavailable"


def test_switches_of_saxon_hold_without_the_rest(tmp_path, listener):
    """What the documentation says about them: these do work in SaxonC-HE, the rest does not."""
    port, _ = listener
    answers = run(tmp_path, port, confined=False)
    for name in ("result-document", "evaluate", "Java", "saxon:evaluate", "EXPath file"):
        assert answers[name].startswith("stopped"), name
    assert not (tmp_path / "OUT.xml").exists()
    for name in ("environment-variable", "available-environment-variables", "system-property"):
        assert answers[name].endswith(("<o/>", "<o></o>")), answers[name]
