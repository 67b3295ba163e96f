"""Words of reports: kinds, places, elements and numbers as those who keep books write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edefter import messages
from edefter.messages import Lang, catalogue
from edefter.model.finding import Finding
from edefter.validation.batch.verdict import Verdict
from edefter.validation.inputs.model import document_name
from edefter.validation.reports.groups import Book, VoucherGroup, errors_and_warnings
from edefter.validation.reports.visible import visible
from edefter.validation.wording import capital


def line_and_account(finding: Finding) -> str:
    """`9 (100.01)`, or what is known of the two."""
    place = finding.place
    if not place.line_no:
        return place.account
    return f"{place.line_no} ({place.account})" if place.account else place.line_no


class Words:
    """Texts of the catalogue area `report` in one language.

    Args:
        lang: the language.
    """

    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def __call__(self, key: str, **facts: Any) -> str:
        """The text of a key; whole numbers in it are written with separators."""
        shown = {name: self.number(v) if isinstance(v, int) else v for name, v in facts.items()}
        return messages.text(f"report.{key}", self.lang, **shown)

    def number(self, value: int) -> str:
        """`4.800` in Turkish, `4,800` in English."""
        text = f"{value:,}"
        return text.replace(",", ".") if self.lang == "tr" else text

    def size(self, size_bytes: int) -> str:
        """A length in MB or kB, powers of ten."""
        unit, divisor = ("MB", 1_000_000) if size_bytes >= 1_000_000 else ("kB", 1_000)
        tenths = (size_bytes * 10 + divisor // 2) // divisor
        point = "," if self.lang == "tr" else "."
        return f"{self.number(tenths // 10)}{point}{tenths % 10} {unit}"

    def kind(self, verdict: Verdict) -> str:
        """What kind of document it is; empty when unknown."""
        report = verdict.report
        if verdict.is_cross:
            return self("section_cross")
        if report.kind is None:
            return ""
        name = document_name(report.name)
        word = self(f"kind_{report.kind.value}")
        return self("kind_approved", kind=word) if name is not None and name.approved else word

    def verdict(self, verdict: Verdict) -> str:
        """The verdict in a word or two."""
        report = verdict.report
        if verdict.is_cross:
            return self("differs" if report.findings.total else "agrees")
        if not report.ok:
            judged = report.evaluated or report.well_formed
            return self("invalid" if judged and verdict.is_document else "not_judged")
        return self("with_warnings" if errors_and_warnings(report)[1] else "valid")

    def findings(self, count: int) -> str:
        """`1 bulgu`, `12 bulgu`."""
        return self("findings_count_one") if count == 1 else self("findings_count", count=count)

    def field(self, name: str) -> str:
        """What an element is called; empty when it has no name but its own."""
        entry = catalogue().get(f"fields.{name}")
        return entry[self.lang] if entry is not None else ""

    def place(self, finding: Finding, *, voucher: bool = True, xml_line: bool = True) -> str:
        """Voucher, entry, line, account and line of the file, as far as known.

        Args:
            finding: the finding.
            voucher: False leaves voucher and entry out, where they head the list already.
            xml_line: False leaves the line of the file out.
        """
        place = finding.place
        known = (
            ("voucher", place.voucher if voucher else ""),
            ("entry", place.entry_no if voucher else ""),
            ("line", place.line_no),
            ("account", place.account),
            ("xml_line", str(place.xml_line or "") if xml_line else ""),
        )
        text = ", ".join(self(key, value=visible(value)) for key, value in known if value)
        return capital(text, turkish=self.lang == "tr")

    def lines(self, findings: Sequence[Finding]) -> str:
        """The lines and accounts of one voucher's findings that say the same."""
        if len(findings) == 1:
            return self.place(findings[0], voucher=False, xml_line=False)
        known = dict.fromkeys(line_and_account(item) for item in findings)
        text = visible(", ".join(filter(None, known)))
        return capital(self("line", value=text), turkish=self.lang == "tr") if text else ""

    def book(self, book: Book) -> str:
        """Whose vouchers they are."""
        if not book.period:
            return visible(book.file)
        period = f"{book.period[4:]}.{book.period[:4]}"
        key = "book_branch" if book.branch else "book"
        return self(key, tax_number=book.tax_number, period=period, branch=book.branch)

    def group(self, group: VoucherGroup) -> str:
        """The heading of a voucher."""
        entry = group.entry_nos[0] if len(group.entry_nos) == 1 else ""
        if group.voucher:
            head = self("voucher", value=visible(group.voucher))
            return f"{head}, {self('entry', value=visible(entry))}" if entry else head
        if group.entry_nos:
            return self("entry_alone", value=visible(group.entry_nos[0]))
        if group.account:
            return self("account_alone", value=visible(group.account))
        return self("document_as_whole")
