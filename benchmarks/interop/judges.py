"""The verifiers of the matrix: ours, xmlsec1, the JDK, signxml and xadesjs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from edefter.model.environment import Environment
from edefter.sandbox.pki import GIB_TAX_NUMBER, SandboxPki
from edefter.verification.judge import Ground, Judgement, Question, judge
from tests.support.verifiers import jdk_verify, signxml_answer, xmlsec1_verify

NPM = Path(__file__).resolve().parent / "npm"
PROGRAMS = {
    "xmlsec1": "xmlsec1", "java": "openjdk-17-jdk-headless", "javac": "openjdk-17-jdk-headless",
    "openssl": "openssl", "node": "nodejs", "npm": "npm",
}  # fmt: skip
"""System programs that the comparison needs, with their Debian packages."""

VALID = "valid"
MISMATCH = "digest mismatch"

_TIMEOUT_S = 120

Answers = dict[Path, str]


def missing_programs() -> list[str]:
    """The programs that are not there, with their packages."""
    return [
        f"{name} (Debian package {package})"
        for name, package in PROGRAMS.items()
        if shutil.which(name) is None
    ]


def ground(pki: SandboxPki) -> Ground:
    """What our own verifier judges on: the sandbox's anchors, now, offline."""
    return Ground(
        anchors=[pki.root, pki.seal_ca], environment=Environment.SANDBOX,
        gib_tax_number=GIB_TAX_NUMBER, now=datetime.now(UTC), with_rules=False,
    )  # fmt: skip


def edefter(paths: Sequence[Path], pki: SandboxPki, stamped: Callable[[Path], bool]) -> Answers:
    """Our own verifier; where a time stamp has to be, it has to prove its time."""
    return {path: _told(judge(path, ground(pki)), stamped(path)) for path in paths}


def _told(found: Judgement, stamped: bool) -> str:
    if not found.ok:
        return ", ".join(question for question, answer in found.answers.items() if answer is False)
    if found.answers.get(Question.TIMESTAMP) is not (True if stamped else None):
        return "time stamp not asked"
    return VALID


def xmlsec1(paths: Sequence[Path], pki: SandboxPki) -> Answers:
    """xmlsec1, with the certificate path."""
    return _words(xmlsec1_verify(paths, pki.folder / "root.pem"))


def jdk(paths: Sequence[Path]) -> Answers:
    """The JDK's XML-DSig, secure validation on."""
    return _words(jdk_verify(paths))


def signxml(paths: Sequence[Path]) -> Answers:
    """signxml's XAdES verifier, with the certificate that the file itself brings."""
    answers = {path: signxml_answer(path) for path in paths}
    return {
        path: MISMATCH if "Digest mismatch" in answer else answer or VALID
        for path, answer in answers.items()
    }


def install_npm() -> bool:
    """Install the locked packages beside the script, unless that has been done."""
    lock, done = NPM / "package-lock.json", NPM / "node_modules" / ".package-lock.json"
    if done.exists() and done.stat().st_mtime >= lock.stat().st_mtime:
        return True
    answer = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=NPM, check=False, timeout=_TIMEOUT_S, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return answer.returncode == 0


def xadesjs(paths: Sequence[Path]) -> Answers:
    """xadesjs, an independent XAdES implementation from npm."""
    answer = subprocess.run(
        ["node", str(NPM / "verify.mjs"), *map(str, paths)],
        capture_output=True, text=True, check=True, timeout=_TIMEOUT_S,
    )  # fmt: skip
    told = dict(line.split("\t", 1) for line in answer.stdout.splitlines() if "\t" in line)
    return {path: _mismatch(told[str(path)]) for path in paths}


def _mismatch(answer: str) -> str:
    return MISMATCH if "Invalid digest for uri ''" in answer else answer


def _words(verdicts: Mapping[Path, bool]) -> Answers:
    return {path: VALID if good else "invalid" for path, good in verdicts.items()}
