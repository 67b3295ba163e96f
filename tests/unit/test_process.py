"""How our own programs end."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PROGRAM = """
import atexit, sys, threading, time
from edefter.process import leave
atexit.register(lambda: print("exit function"))
print("last words", end=" ")
{more}
leave(4)
"""


@pytest.mark.parametrize(
    ("more", "printed"),
    [
        ("", "last words exit function\n"),
        (
            "threading.Thread(target=lambda: (time.sleep(0.2), print('at work'))).start()",
            "last words at work\nexit function\n",
        ),
    ],
)
def test_nothing_is_lost_at_the_end(more: str, printed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(more=more)], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (4, printed, "")
