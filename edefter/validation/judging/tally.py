"""What is counted of a document's entries while they are judged."""

from __future__ import annotations

from dataclasses import dataclass, field

from edefter.model.files import Totals
from edefter.validation.judging.entries_proof import Counted
from edefter.validation.records import Document, EntityInfo, Info
from edefter.validation.report import Facts
from edefter.validation.sums import Sum
from edefter.validation.xpath import Value, each, ns


@dataclass(slots=True)
class Tally:
    """Numbers of entries and lines, their sums, and the first and last of each number.

    Args:
        entries, lines: how many.
        debit, credit: sums of the lines.
        first_counter, last_counter, last_date: of entries, as written.
        first_line, last_line: numbers of lines, as written.
    """

    entries: int = 0
    lines: int = 0
    debit: Sum = field(default_factory=Sum)
    credit: Sum = field(default_factory=Sum)
    first_counter: Value = None
    last_counter: Value = None
    last_date: Value = None
    first_line: Value = None
    last_line: Value = None

    @property
    def is_plain(self) -> bool:
        """Whether every amount was one of whole kuruş."""
        return not any(item.rest or item.broken for item in (self.debit, self.credit))

    def counted(self) -> Counted:
        """A record of it; sums in kuruş."""
        return Counted(
            entries=self.entries,
            lines=self.lines,
            debit_kurus=self.debit.kurus,
            credit_kurus=self.credit.kurus,
            first_counter=self.first_counter,
            last_counter=self.last_counter,
            last_date=self.last_date,
            first_line=self.first_line,
            last_line=self.last_line,
        )

    def take_all(self, counted: Counted) -> None:
        """Stand behind the last entry of a document whose entries were counted before."""
        self.entries, self.lines = counted.entries, counted.lines
        self.debit.kurus, self.credit.kurus = counted.debit_kurus, counted.credit_kurus
        self.last_counter, self.last_date = counted.last_counter, counted.last_date
        self.last_line = counted.last_line

    def facts(self, document: Document, size_bytes: int) -> Facts:
        """What a report says of the document.

        Args:
            document: its head.
            size_bytes: length of the whole file.
        """
        info = document.infos[0] if document.infos else Info()
        entity = document.entity_infos[0] if document.entity_infos else EntityInfo()
        return Facts(
            totals=Totals(
                entries=self.entries,
                lines=self.lines,
                debit_kurus=self.debit.cents,
                credit_kurus=self.credit.cents,
            ),
            size_bytes=size_bytes,
            unique_id=ns(_first(info.unique_id)),
            period_start=ns(_first(info.start)),
            period_end=ns(_first(info.end)),
            first_entry=ns(_first(self.first_counter)),
            last_entry=ns(_first(self.last_counter)),
            first_line=ns(_first(self.first_line)),
            last_line=ns(_first(self.last_line)),
            tax_id=ns(_first(document.identifiers)),
            branch=document.branch(),
            title=entity.title,
            fiscal_start=ns(_first(entity.fiscal_start)),
            fiscal_end=ns(_first(entity.fiscal_end)),
            currency=ns(_first(info.default_currency)),
        )


def _first(value: Value) -> str:
    texts = each(value)
    return texts[0] if texts else ""
