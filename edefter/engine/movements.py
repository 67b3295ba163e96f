"""What the state keeps of a ledger's entries, so that berats need not read the ledger again."""

from __future__ import annotations

from edefter.model.documents import Kind
from edefter.model.turnover import Movements, Turnover
from edefter.state.records import Document

TURNOVERS = "turnovers"
_FIELDS = ("name", "debit_kurus", "credit_kurus", "debit_lines", "credit_lines")
_BOOKS = {Kind.Y: "yevmiye", Kind.K: "kebir"}


def movements_of(document: Document) -> Movements | None:
    """Entries and turnovers of a ledger that was built here; None = its file must be read."""
    totals = document.totals or {}
    if TURNOVERS not in totals:
        return None
    return Movements(
        entries=int(totals[_BOOKS[document.kind]]["entries"]),
        turnovers={
            account: Turnover(**dict(zip(_FIELDS, values, strict=True)))
            for account, values in totals[TURNOVERS].items()
        },
    )
