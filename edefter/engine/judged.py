"""What a run has seen of its ledgers, so that nothing is looked at twice."""

from __future__ import annotations

from pathlib import Path

from edefter.validation.judging.entries_proof import EntriesProof
from edefter.validation.report import Report
from edefter.validation.sets.readings import Readings


class Judged:
    """What this run has seen of ledgers while it judged them; a later run judges them anew."""

    def __init__(self) -> None:
        self.readings = Readings()
        self._proofs: dict[str, EntriesProof] = {}

    def note(self, path: Path, report: Report) -> None:
        """Keep what comparisons, and a second look once it is signed, can use of a file."""
        self.readings.put(path, report.reading)
        if report.proof is not None:
            self._proofs[path.name] = report.proof

    def proof(self, path: Path) -> EntriesProof | None:
        """Of the ledger of that name, before or after it was signed."""
        return self._proofs.get(path.name)
