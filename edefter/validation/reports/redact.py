"""Reports that leave the house: findings without what the documents say.

What stays is what an operator needs to find the place: rule, severity, file, voucher number,
entry and line number, account code, element, line and byte of the file. Values are dropped, and
sentences are made again from their messages without values; nothing is searched for and cut out.
"""

from __future__ import annotations

import re
from dataclasses import replace

from edefter.model.documents import DocumentName
from edefter.model.finding import Finding, Place
from edefter.validation.batch.verdict import Verdict
from edefter.validation.inputs.model import document_name
from edefter.validation.report import Facts, Report
from edefter.validation.reports.sentences import (
    known_field,
    remedy_without_values,
    without_values,
)
from edefter.validation.wording import lead

_TAXPAYER = re.compile(r"([0-9]{10,11})(?:-[0-9]{4})?")


class Redactor:
    """Takes the documents' texts out of findings.

    The same file or taxpayer gets the same name throughout one redactor.

    Args:
        mask_tax_numbers: whether tax numbers in file names are replaced too.
    """

    def __init__(self, *, mask_tax_numbers: bool = False) -> None:
        self._mask = mask_tax_numbers
        self._taxpayers: dict[str, str] = {}
        self._others: dict[str, str] = {}

    def verdict(self, verdict: Verdict) -> Verdict:
        """A verdict that names no folder and no text of the document."""
        report = self.report(verdict.report)
        return replace(verdict, report=report, shown=report.name)

    def report(self, report: Report) -> Report:
        """A report whose findings are redacted; of the facts only counts stay."""
        totals = replace(report.facts.totals, debit_kurus=0, credit_kurus=0)
        return replace(
            report,
            name=self.file_name(report.name),
            findings=report.findings.mapped(self.finding),
            facts=Facts(totals=totals, size_bytes=report.facts.size_bytes),
        )

    def finding(self, finding: Finding) -> Finding:
        """A finding without values."""
        old = finding.place
        place = Place(
            file=self.file_name(old.file),
            voucher=old.voucher,
            entry_no=_number(old.entry_no),
            line_no=_number(old.line_no),
            account=old.account,
            field=known_field(old.field),
            xml_line=old.xml_line,
            byte_offset=old.byte_offset,
        )
        tr, en = lead(place)
        return replace(
            finding,
            place=place,
            message_tr=tr + without_values(finding, "tr"),
            message_en=en + without_values(finding, "en"),
            remedy_tr=remedy_without_values(finding, "tr"),
            remedy_en=remedy_without_values(finding, "en"),
            value="",
        )

    def file_name(self, name: str) -> str:
        """A name that GİB fixes stays, with a masked tax number if asked; others are numbered."""
        if not name:
            return name
        known = document_name(name) or _package_name(name)
        tax_number = known.tax_number if known is not None else _tax_number(name)
        if not tax_number:
            ending = ".zip" if name.lower().endswith(".zip") else ""
            return self._others.setdefault(name, f"dosya-{len(self._others) + 1}{ending}")
        if not self._mask:
            return name
        number = len(self._taxpayers) + 1
        masked = self._taxpayers.setdefault(tax_number, f"mükellef{number}")
        return name.replace(tax_number, masked, 1)


def _package_name(name: str) -> DocumentName | None:
    try:
        return DocumentName.parse(name)
    except ValueError:
        return None


def _tax_number(name: str) -> str:
    """Of a name such as comparisons between documents have: tax number, maybe with a branch."""
    match = _TAXPAYER.fullmatch(name)
    return match[1] if match is not None else ""


def _number(text: str) -> str:
    """A number as written; anything else in its place is a text of the document."""
    return text if text.isascii() and text.isdigit() and len(text) <= 20 else ""
