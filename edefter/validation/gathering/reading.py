"""One ledger or berat, read once: what comparisons with other documents need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from edefter.validation.gathering.line_sums import LineSums
from edefter.validation.gathering.turnovers import TooManyAccounts, Turnovers
from edefter.validation.reading.extract import Element
from edefter.validation.records import Detail


@dataclass(slots=True)
class Reading:
    """What was gathered of a file's lines, and the rest of it.

    Args:
        lines: sums of line hashes.
        turnovers: by main account and side; in a report those that it states.
        entries: number of its entries.
        skeleton: the document without its entries.
        usable: False = it has more accounts than any real document.
    """

    lines: LineSums = field(default_factory=LineSums)
    turnovers: Turnovers = field(default_factory=Turnovers)
    entries: int = 0
    skeleton: bytes = b""
    usable: bool = True

    def add(self, detail: Detail) -> None:
        """Take over one line."""
        self.lines.add(detail)
        try:
            self.turnovers.add(detail)
        except TooManyAccounts:
            self.usable = False

    def add_rows(
        self, columns: Mapping[str, Sequence[bytes]], kurus: Sequence[int], first: int, last: int
    ) -> None:
        """Take over lines as they are written.

        Args:
            columns: matched texts by field, in UTF-8 with entities.
            kurus: amounts of all rows.
            first, last: rows from first to before last.
        """
        self.lines.add_rows(columns, first, last)
        try:
            self.turnovers.add_rows(
                columns["main"][first:last], columns["dc"][first:last], kurus[first:last]
            )
        except TooManyAccounts:
            self.usable = False

    def end(self, root: Element, entries: int) -> None:
        """Take over what is left when all lines are gone."""
        self.lines.close()
        self.skeleton = etree.tostring(root, encoding="utf-8")
        self.entries = entries

    @property
    def root(self) -> Element:
        """The document without its entries, as a tree of its own."""
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
        )
        root: Element = etree.fromstring(self.skeleton, parser)
        return root
