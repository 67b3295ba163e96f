"""Document kinds and the file names that GİB fixes (format.md §1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from edefter.model.period import Period


class Kind(StrEnum):
    """The kinds of e-Defter documents, by the letters of their file names."""

    Y = "Y"  # yevmiye defteri (journal)
    K = "K"  # büyük defter, defter-i kebir (ledger)
    YB = "YB"  # berat of the yevmiye
    KB = "KB"  # berat of the kebir
    DR = "DR"  # defter raporu
    E = "E"  # envanter defteri
    EB = "EB"  # berat of the envanter

    @property
    def is_berat(self) -> bool:
        """Whether GİB countersigns this kind."""
        return self in (Kind.YB, Kind.KB, Kind.EB)

    @property
    def berat(self) -> Kind:
        """The kind of the berat made from this ledger kind.

        Raises:
            ValueError: this kind has no berat.
        """
        try:
            return {Kind.Y: Kind.YB, Kind.K: Kind.KB, Kind.E: Kind.EB}[self]
        except KeyError:
            raise ValueError(f"kind {self} has no berat") from None

    @property
    def has_berat(self) -> bool:
        """Whether a berat is made of this kind and approved by GİB."""
        return self in (Kind.Y, Kind.K, Kind.E)

    @property
    def package(self) -> Kind:
        """The kind that names the package in which a document of this kind goes to GİB.

        Raises:
            ValueError: this kind is a berat itself.
        """
        return self if self is Kind.DR else self.berat

    @property
    def ledger(self) -> Kind:
        """The kind of the ledger that this berat was made from.

        Raises:
            ValueError: this kind is no berat.
        """
        try:
            return {Kind.YB: Kind.Y, Kind.KB: Kind.K, Kind.EB: Kind.E}[self]
        except KeyError:
            raise ValueError(f"kind {self} is no berat") from None


BOOKS = (Kind.Y, Kind.K)
"""The two books of every month."""
MOST_FILE_BYTES = 200_000_000
"""Of a signed ledger: GİB wants larger ones divided (lifecycle.md §3; strict rule YK-STR-22)."""
UNDIVIDED = "000000"  # part number of a month that is one file
NO_BRANCH = ""  # company keeps no branch books; never "0000", which GİB forbids

_NAME = re.compile(
    r"(?P<gib>GIB-)?(?P<tax>\d{10,11})-(?P<period>\d{6})-(?P<kind>YB|KB|EB|DR|Y|K|E)"
    r"-(?P<part>\d{6})(?:-(?P<branch>\d{4}))?",
    flags=re.ASCII,
)


@dataclass(frozen=True, slots=True)
class DocumentName:
    """`{VKN or TCKN}-{YYYYMM}-{kind}-{part}[-{branch}]`, the name of one document.

    Args:
        tax_number: 10 or 11 digits, not checked for check digits here.
        period: the month.
        kind: document kind.
        part: six digits; `000000` = the month in one file.
        branch: four digits from `0001`, or empty.
        approved: whether it is the copy that GİB countersigned (prefix `GIB-`).

    Raises:
        ValueError: part or branch of another form, or branch `0000`.
    """

    tax_number: str
    period: Period
    kind: Kind
    part: str = UNDIVIDED
    branch: str = NO_BRANCH
    approved: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d{10,11}", self.tax_number, flags=re.ASCII):
            raise ValueError(f"tax number of 10 or 11 digits expected: {self.tax_number!r}")
        if not re.fullmatch(r"\d{6}", self.part, flags=re.ASCII):
            raise ValueError(f"part number of six digits expected: {self.part!r}")
        if self.branch and not re.fullmatch(r"\d{4}", self.branch, flags=re.ASCII):
            raise ValueError(f"branch number of four digits expected: {self.branch!r}")
        if self.branch == "0000":
            raise ValueError("branch number 0000 is forbidden in file names")

    @classmethod
    def parse(cls, name: str) -> DocumentName:
        """Read a file name (with or without `.xml` / `.zip`) or a package id.

        Raises:
            ValueError: not an e-Defter name.
        """
        stem = re.sub(r"\.(xml|zip)$", "", name)
        match = _NAME.fullmatch(stem)
        if match is None:
            raise ValueError(f"not an e-Defter file name: {name!r}")
        return cls(
            match["tax"],
            Period.parse(match["period"]),
            Kind(match["kind"]),
            match["part"],
            match["branch"] or NO_BRANCH,
            match["gib"] is not None,
        )

    @property
    def stem(self) -> str:
        """The name without an ending."""
        prefix = "GIB-" if self.approved else ""
        branch = f"-{self.branch}" if self.branch else ""
        return f"{prefix}{self.tax_number}-{self.period.compact}-{self.kind}-{self.part}{branch}"

    @property
    def xml(self) -> str:
        """Name of the document file."""
        return f"{self.stem}.xml"

    @property
    def zip(self) -> str:
        """Name of the package; only berats (and DR) name packages."""
        return f"{self.stem}.zip"

    @property
    def package_id(self) -> str:
        """The id that GİB is asked by: the package name without `.zip`."""
        return self.stem

    def with_kind(self, kind: Kind) -> DocumentName:
        """The same month, part and branch as another kind."""
        return replace(self, kind=kind)

    def as_approved(self) -> DocumentName:
        """The name of the copy that GİB gives back."""
        return replace(self, approved=True)

    def __str__(self) -> str:
        return self.stem
