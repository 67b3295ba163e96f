"""Tampered documents before each verifier, and the same documents in other spelling."""

from __future__ import annotations

from pathlib import Path

from benchmarks.figures import Figures
from edefter.sandbox.pki import SandboxPki
from tests.support.forging import byte_shortcut_accepts
from tests.support.tampering import CONTROLS, SINGLE_QUOTED, TAMPERINGS, Tampering
from tests.support.trial import Trial, trials

_LEAST = 40


def run(folder: Path, pki: SandboxPki, seed: int, figures: Figures) -> None:
    """Tamper, have it judged, print the table, add the figures.

    Args:
        folder: of the files.
        pki: of the seals.
        seed: decides keys and places, where they make no difference.
        figures: get the bars.
    """
    found = trials((*TAMPERINGS, *CONTROLS), pki, folder, seed)
    tampered = [trial for trial in found if isinstance(trial.item, Tampering)]
    controls = [trial for trial in found if not isinstance(trial.item, Tampering)]
    print("\ntampered: what our verifier answers with no, and who else refuses")
    for number, trial in enumerate(found, 1):
        _tell(number, trial)
    right = sum(trial.ours_right for trial in tampered)
    figures.add(
        "tampered: refused by edefter, right verdict", f"{right} of {len(tampered)}",
        f"all, at least {_LEAST}", right == len(tampered) >= _LEAST,
    )  # fmt: skip
    seen = sum(bool(trial.refused_by) for trial in tampered)
    unseen = sum(not trial.refused_by and bool(_why(trial)) for trial in tampered)
    figures.add(
        "tampered: refused by another verifier", f"{seen}; {unseen} that none can see",
        "all, but for those with a reason", seen + unseen == len(tampered),
    )  # fmt: skip
    as_told = sum(trial.others_right for trial in tampered)
    figures.add(
        "tampered: exactly those refuse that should", f"{as_told} of {len(tampered)}", "all",
        as_told == len(tampered),
    )  # fmt: skip
    good = sum(trial.ours_right and trial.others_right for trial in controls)
    figures.add(
        "other spelling: accepted by everybody", f"{good} of {len(controls)}", "all",
        good == len(controls),
    )  # fmt: skip
    _single_quoted(tampered, figures)


def _tell(number: int, trial: Trial) -> None:
    ours = ", ".join(sorted(trial.no[0])) or "valid"
    if trial.no[0] != trial.no[1]:
        ours += f" (copy: {', '.join(sorted(trial.no[1])) or 'valid'})"
    others = ", ".join(sorted(trial.refused_by)) or f"nobody: {_why(trial)}"
    if not isinstance(trial.item, Tampering):
        others = (
            f"refused by {', '.join(sorted(trial.refused_by))}" if trial.refused_by else "valid"
        )
    mark = "" if trial.ours_right and trial.others_right else "  WRONG"
    print(f"{number:>2} {trial.item.name:<56} {ours:<17} {others}{mark}")


def _why(trial: Trial) -> str:
    return trial.item.why if isinstance(trial.item, Tampering) else ""


def _single_quoted(tampered: list[Trial], figures: Figures) -> None:
    """The trap of the byte shortcut: its digest fits, and everybody who canonicalises refuses."""
    trial = next(item for item in tampered if item.item.name == SINGLE_QUOTED)
    shortcut = byte_shortcut_accepts(trial.path.read_bytes())
    figures.add(
        "single quotes: the bytes' own hash is the DigestValue", "yes" if shortcut else "no",
        "yes, and refused all the same", shortcut and trial.ours_right and trial.others_right,
    )  # fmt: skip
