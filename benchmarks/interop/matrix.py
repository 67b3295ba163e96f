"""The matrix: what we sign, by kind, key and level, before each verifier."""

from __future__ import annotations

from pathlib import Path

from benchmarks.figures import Figures
from benchmarks.interop import judges
from benchmarks.interop.documents import Case, Stamper, cases
from benchmarks.interop.judges import MISMATCH, VALID, Answers
from edefter.sandbox.pki import SandboxPki

_COLUMNS = ("edefter", "xmlsec1", "JDK", "signxml*", "xadesjs*", "signxml", "xadesjs")


def run(folder: Path, pki: SandboxPki, stamper: Stamper, figures: Figures) -> None:
    """Sign, have it judged, print the table, add the figures.

    Args:
        folder: of the files.
        pki: of the seals.
        stamper: for level T.
        figures: get the bars.
    """
    found = list(cases(folder, pki, stamper))
    paths, copies = [case.path for case in found], [case.copy for case in found]
    stamped = {path: case.level == "T" for case in found for path in (case.path, case.copy)}
    answers: dict[str, Answers] = {
        "edefter": judges.edefter([*paths, *copies], pki, stamped.__getitem__),
        "xmlsec1": judges.xmlsec1([*paths, *copies], pki),
        "JDK": judges.jdk([*paths, *copies]),
        "signxml": judges.signxml([*paths, *copies]),
        "xadesjs": judges.xadesjs([*paths, *copies]),
    }
    _table(found, answers)
    for name in ("edefter", "xmlsec1", "JDK"):
        _figure(figures, f"as written: {name}", answers[name], paths)
    for name, answer in answers.items():
        _figure(figures, f"copy without the instruction: {name}", answer, copies)
    for name in ("signxml", "xadesjs"):
        _known_defect(figures, name, [answers[name][path] for path in paths])


def _figure(figures: Figures, title: str, answers: Answers, paths: list[Path]) -> None:
    good = sum(answers[path] == VALID for path in paths)
    figures.add(title, f"{good} valid", f"all {len(paths)}", good == len(paths))


def _known_defect(figures: Figures, name: str, answers: list[str]) -> None:
    """A repaired verifier is good news: said, but no failure; a third answer is one."""
    wrong, right = answers.count(MISMATCH), answers.count(VALID)
    told = f"{wrong} {MISMATCH}"
    if right:
        told += f", {right} valid: THE DEFECT IS GONE, correct docs/design/interop.md"
    figures.add(
        f"known defect, with the instruction: {name}", told,
        f"shown; no other answer in {len(answers)}", wrong + right == len(answers),
    )  # fmt: skip


def _table(found: list[Case], answers: dict[str, Answers]) -> None:
    print("DR: written by hand (edefter makes none). T: time stamp of the sandbox's authority.")
    print("*: on a copy that our code signed without the xml-stylesheet instruction.")
    print("Without *: the file as the product writes it; signxml and xadesjs canonicalise the root")
    print("element alone where XML-DSig asks for the document, instruction included: their defect.")
    print("xadesjs does not know the ECKeyValue of XML-DSig 1.1: KeyInfo, which is not signed, is")
    print("given to it without KeyValue where the key is P-384.")
    print()
    print("document      " + "  ".join(f"{name:<15}" for name in _COLUMNS).rstrip())
    for case in found:
        cells = [
            answers[name.rstrip("*")][case.copy if name.endswith("*") else case.path]
            for name in _COLUMNS
        ]
        print(f"{case.title}  " + "  ".join(f"{cell[:40]:<15}" for cell in cells).rstrip())
