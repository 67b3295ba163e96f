"""What a run has seen of its ledgers, so that nothing is looked at twice."""

from __future__ import annotations

from pathlib import Path

from edefter.gib.deflating import Deflated
from edefter.model.files import StoredFile
from edefter.validation.judging.entries_proof import EntriesProof
from edefter.validation.report import Report
from edefter.validation.sets.readings import Readings


class Judged:
    """What this run has seen of ledgers while it judged them; a later run judges them anew."""

    def __init__(self) -> None:
        self.readings = Readings()
        self._proofs: dict[str, EntriesProof] = {}
        self._digests: dict[str, bytes] = {}
        self._paths: dict[str, Path] = {}
        self._deflated: dict[str, Deflated] = {}

    def note(self, path: Path, report: Report) -> None:
        """Keep what comparisons, and a second look once it is signed, can use of a file.

        What was kept of an earlier look at a file of that name goes: it was unsigned.
        """
        earlier = self._paths.pop(path.name, None)
        if earlier is not None:
            self.readings.forget(earlier)
            self._proofs.pop(path.name, None)
        if report.reading is not None:
            self._paths[path.name] = path
            self.readings.put(path, report.reading)
        if report.proof is not None:
            self._proofs[path.name] = report.proof

    def note_written(self, file: StoredFile, digest: bytes) -> None:
        """Keep the digest of the canonical form of a file that was written in this run."""
        self._digests[file.sha256] = digest

    def digest(self, sha256: str) -> bytes | None:
        """The digest of the canonical form of a file with this hash, if this run wrote it."""
        return self._digests.get(sha256)

    def note_deflated(self, deflated: Deflated | None) -> None:
        """Keep a signed ledger that was compressed for its package while it was judged."""
        if deflated is not None:
            self._deflated[deflated.sha256] = deflated

    def take_deflated(self, sha256: str) -> Deflated | None:
        """The compressed form of the ledger with this hash; its file belongs to the caller then."""
        return self._deflated.pop(sha256, None)

    def drop_deflated(self) -> None:
        """Remove what no package has used: a ledger that got a time stamp is another file."""
        for deflated in self._deflated.values():
            deflated.path.unlink(missing_ok=True)
        self._deflated.clear()

    def proof(self, path: Path) -> EntriesProof | None:
        """Of the ledger of that name, before or after it was signed."""
        return self._proofs.get(path.name)
