"""Verdicts as JSON: one document, or one object on each line."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, BinaryIO

from edefter.messages import Lang
from edefter.model.finding import Finding
from edefter.validation.batch.verdict import Verdict
from edefter.validation.reports.plain import plain_finding, plain_verdict, writable


class JsonWriter:
    """One array with an object for each file, written as the verdicts come.

    Args:
        sink: takes UTF-8.
        lang: language of messages and remedies.
    """

    def __init__(self, sink: BinaryIO, lang: Lang) -> None:
        self._sink = sink
        self._lang = lang
        self._begun = False

    def take(self, verdict: Verdict, official: dict[str, Any] | None = None) -> None:
        """Write one file; `official` is the official package's opinion on it."""
        whole = plain_verdict(verdict)
        if official is not None:
            whole["official"] = official
        whole["findings"] = [self._finding(item) for item in verdict.report.findings]
        text = json.dumps(whole, ensure_ascii=False, indent=1)
        self._sink.write((",\n" if self._begun else "[\n").encode() + text.encode())
        self._begun = True

    def end(self, ignored: int) -> None:  # noqa: ARG002 - the array holds files only
        """Close the array."""
        self._sink.write(b"\n]\n" if self._begun else b"[]\n")

    def _finding(self, item: Finding) -> dict[str, Any]:
        place = {key: value for key, value in asdict(item.place).items() if value not in ("", None)}
        if "file" in place:
            place["file"] = writable(place["file"])
        return {
            "rule": item.rule,
            "severity": item.severity.value,
            "layer": item.layer.value,
            "place": place,
            "value": item.value,
            "text": item.text(self._lang),
            "remedy": item.remedy(self._lang),
        }


class JsonLinesWriter:
    """One object on each line: the findings of a file, then its summary.

    Args:
        sink: takes UTF-8.
        lang: language of messages and remedies.
    """

    def __init__(self, sink: BinaryIO, lang: Lang) -> None:
        self._sink = sink
        self._lang = lang

    def take(self, verdict: Verdict, official: dict[str, Any] | None = None) -> None:
        """Write one file; `official` is the official package's opinion on it."""
        report = verdict.report
        for item in report.findings:
            self._line({"type": "finding", **plain_finding(item, report.name, self._lang)})
        whole = {"type": "summary", **plain_verdict(verdict)}
        self._line(whole if official is None else whole | {"official": official})
        self._sink.flush()

    def end(self, ignored: int) -> None:
        """Write how many files were left out."""
        self._line({"type": "end", "ignored": ignored})

    def _line(self, record: dict[str, Any]) -> None:
        self._sink.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
