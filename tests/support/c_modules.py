"""PKCS#11 modules of our own, compiled when a test wants them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_HERE = Path(__file__).parent


def compiled(name: str, folder: Path) -> Path:
    """The library `NAME.so` in `folder`, made from `NAME.c` beside this file.

    Raises:
        RuntimeError: there is no gcc.
    """
    compiler = shutil.which("gcc")
    if compiler is None:
        raise RuntimeError("gcc is missing (Debian package gcc)")
    library = folder / f"{name}.so"
    source = str(_HERE / f"{name}.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-w", "-o", library, source, "-ldl"], check=True)
    return library
