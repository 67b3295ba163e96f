"""What travels from step to step: files named by what they are and by their SHA-256."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from edefter.model.documents import DocumentName, Kind
from edefter.model.turnover import Turnover


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a file begins with.

    Args:
        size_bytes: how many bytes.
        sha256: of these, lower-case hex.
    """

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A finished file on disk.

    Args:
        path: where it is.
        name: its document name.
        size_bytes: length in bytes.
        sha256: of the whole file, lower-case hex.
    """

    path: Path
    name: DocumentName
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """Last numbers used in the fiscal year of one company and branch; all 0 at its start.

    Args:
        entry_no: last yevmiye madde no.
        line_no: last line number.
        yevmiye_serial: last serial of the YEV… control numbers.
        kebir_serial: last serial of the KEB… control numbers.
        inventory_serial: last serial of the ENV… control numbers; an envanter counts apart.
    """

    entry_no: int = 0
    line_no: int = 0
    yevmiye_serial: int = 0
    kebir_serial: int = 0
    inventory_serial: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over the lines of a file or source; money in kuruş."""

    entries: int = 0
    lines: int = 0
    debit_kurus: int = 0
    credit_kurus: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPart:
    """Yevmiye and kebir of one part, built and not signed yet.

    Args:
        source_totals: sums over the rows as the source gave them.
        yevmiye_totals: sums counted while the yevmiye was written.
        kebir_totals: sums counted while the kebir was written (entries = headers).
        first_day, last_day: dates that the part covers, inclusive.
        before: counters that the part started from.
        after: counters that the next part starts from.
        turnovers: by main account.
    """

    yevmiye: StoredFile
    kebir: StoredFile
    source_totals: Totals
    yevmiye_totals: Totals
    kebir_totals: Totals
    first_day: date
    last_day: date
    before: Counters
    after: Counters
    turnovers: Mapping[str, Turnover] = field(default_factory=dict)

    @property
    def books(self) -> dict[Kind, StoredFile]:
        """The files by kind."""
        return {Kind.Y: self.yevmiye, Kind.K: self.kebir}

    @property
    def sums(self) -> dict[str, Totals]:
        """What was counted, by where."""
        return {
            "source": self.source_totals,
            "yevmiye": self.yevmiye_totals,
            "kebir": self.kebir_totals,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryPart:
    """An envanter, or a part of a divided one, built and not signed yet.

    Args:
        source_totals: sums over the rows as the source gave them; all count as debit.
        inventory_totals: sums counted while the file was written.
        first_day, last_day: the day of the inventory, both.
        before: counters that the part started from.
        after: counters that the next part starts from.
        turnovers: none; an envanter has no sides.
    """

    inventory: StoredFile
    source_totals: Totals
    inventory_totals: Totals
    first_day: date
    last_day: date
    before: Counters
    after: Counters
    turnovers: Mapping[str, Turnover] = field(default_factory=dict)

    @property
    def books(self) -> dict[Kind, StoredFile]:
        """The file by its kind."""
        return {Kind.E: self.inventory}

    @property
    def sums(self) -> dict[str, Totals]:
        """What was counted, by where."""
        return {"source": self.source_totals, "inventory": self.inventory_totals}


BuiltPart = LedgerPart | InventoryPart


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedFile:
    """A signed document.

    Args:
        file: the finished file.
        signature_value: text of its own ds:SignatureValue without white space.
        signing_time: zone-aware.
        certificate_sha256: fingerprint of the signer's certificate, hex.
    """

    file: StoredFile
    signature_value: str
    signing_time: datetime
    certificate_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The zip that goes to GİB; `name` is the berat's (or DR's) name."""

    path: Path
    name: DocumentName
    size_bytes: int
    sha256: str
    members: tuple[StoredFile, ...] = field(default=())

    @property
    def package_id(self) -> str:
        """The id that GİB is asked by."""
        return self.name.package_id
