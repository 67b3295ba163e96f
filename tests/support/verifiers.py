"""The judges: xmlsec1 and the JDK. Neither shares a line of code with ours.

Both skip the test (or fail it in CI) when the program is missing.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.conftest import absent

_JAVA_FILE = Path(__file__).resolve().parent.parent / "interop" / "VerifyXml.java"
_XADES = "http://uri.etsi.org/01903/v1.3.2#"
_TIMEOUT_S = 120


def _require(program: str, package: str) -> str:
    path = shutil.which(program)
    if path is None:
        absent(f"system program {program} (Debian package {package})")
    assert path is not None
    return path


def xmlsec1_verify(
    paths: Sequence[Path], root_pem: Path, untrusted: Sequence[Path] | None = None
) -> dict[Path, bool]:
    """Verify each file's signature, references and certificate path with xmlsec1.

    Args:
        paths: signed documents.
        root_pem: the trusted root.
        untrusted: sub-CAs; None = `seal-ca.pem` beside the root, as the sandbox PKI keeps it.
    """
    program = _require("xmlsec1", "xmlsec1")
    between = [root_pem.with_name("seal-ca.pem")] if untrusted is None else list(untrusted)
    command = [
        program, "--verify", "--enabled-key-data", "x509",
        "--enabled-reference-uris", "empty,same-doc",
        "--id-attr:Id", f"{_XADES}:SignedProperties",
        "--trusted-pem", str(root_pem),
    ]  # fmt: skip
    for path in between:
        command += ["--untrusted-pem", str(path)]
    return {
        path: subprocess.run(
            [*command, str(path)], capture_output=True, timeout=_TIMEOUT_S, check=False
        ).returncode
        == 0
        for path in paths
    }


def jdk_verify(paths: Sequence[Path]) -> dict[Path, bool]:
    """Verify each file's signature and references with the JDK's XML-DSig, in one JVM."""
    _require("javac", "openjdk-17-jdk-headless")
    answer = subprocess.run(
        [_require("java", "openjdk-17-jdk-headless"), str(_JAVA_FILE), *map(str, paths)],
        capture_output=True, text=True, timeout=_TIMEOUT_S, check=True,
    )  # fmt: skip
    verdicts = dict(line.split("\t", 1) for line in answer.stdout.splitlines() if "\t" in line)
    return {path: verdicts[str(path)] == "valid" for path in paths}
