"""Findings as CSV for spreadsheets, safe to open: no cell becomes a formula."""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import Any, BinaryIO

from edefter import messages
from edefter.messages import Lang
from edefter.validation.batch.verdict import Verdict
from edefter.validation.reports.plain import FIELDS, plain_finding
from edefter.validation.reports.visible import visible

COLUMNS = (*FIELDS, "rule_count", "path")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four full-width


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula.

    Numbers stay as they are; before anything else that begins with `=`, `+`, `-` or `@` (after
    blanks, tabs and line ends, which some programs skip) an apostrophe is put.
    """
    stripped = text.strip()
    if not stripped or _NUMBER.fullmatch(text):
        return text
    return f"'{text}" if stripped[0] in _FORMULA or text[0] in "\t\r\n" else text


class CsvWriter:
    """One row for each finding, in UTF-8 with byte order mark (without it Excel takes cp1254).

    Args:
        sink: takes UTF-8.
        lang: language of heads, words and sentences.
        separator: between cells; Excel with Turkish settings expects `;`.
    """

    def __init__(self, sink: BinaryIO, lang: Lang, *, separator: str = ";") -> None:
        self._sink = sink
        self._lang = lang
        self._buffer = io.StringIO(newline="")
        # All cells are quoted: one that holds a comma must not become two, the second of them
        # unguarded, where commas separate.
        self._rows = csv.writer(
            self._buffer, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\r\n"
        )
        sink.write(codecs.BOM_UTF8)
        self._write([self._say(f"column_{name}") for name in COLUMNS])

    def take(self, verdict: Verdict, official: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Write the findings of one file."""
        report = verdict.report
        for item in report.findings:
            row = plain_finding(item, report.name, self._lang)
            row["severity"] = self._say(f"severity_{item.severity.value}")
            row["layer"] = self._say(f"layer_{item.layer.value}")
            row |= {"rule_count": report.findings.counts[item.rule], "path": verdict.shown}
            self._write([self._cell(row[name]) for name in COLUMNS])

    def end(self, ignored: int) -> None:
        """Nothing follows the rows."""

    def _cell(self, value: str | int | None) -> str:
        return "" if value is None else guarded(visible(str(value)))

    def _say(self, key: str) -> str:
        return messages.text(f"report.{key}", self._lang)

    def _write(self, cells: list[str]) -> None:
        self._rows.writerow(cells)
        self._sink.write(self._buffer.getvalue().encode())
        self._buffer.seek(0)
        self._buffer.truncate()
