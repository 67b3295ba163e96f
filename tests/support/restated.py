"""Runs the restated rules (`schematron/*.sch`) with Saxon, as GİB's engine would run its own."""

from __future__ import annotations

from collections import Counter

from edefter.model.documents import Kind
from edefter.validation import Report
from edefter.validation.names import FAMILIES
from edefter.validation.official.saxon import (
    Document,
    DocumentUnreadable,
    Engine,
    Rules,
    RulesStopped,
)
from edefter.validation.official.schematron import compile_schematron
from tests.support.restate import FILES, FOLDER

Verdict = Counter[str] | None
"""How often each official rule fires; None = the engine stops, or cannot read the document."""


class Restated:
    """The restated rules of all families, each compiled when first needed.

    Raises:
        SaxonMissing: the extra `second-opinion` is not installed.
    """

    def __init__(self) -> None:
        self._engine = Engine()
        self._rules: dict[str, Rules] = {}

    def _rules_of(self, family: str) -> Rules:
        if family not in self._rules:
            source = (FOLDER / f"{FILES[family][0]}.sch").read_bytes()
            self._rules[family] = self._engine.compile(compile_schematron(source))
        return self._rules[family]

    def judge(self, content: bytes, name: str, kind: Kind) -> Verdict:
        """The verdict on one document by the rules of a kind."""
        rules = self._rules_of(FAMILIES[kind])
        try:
            return Counter(item.assertion for item in rules.judge(Document(content, name)))
        except (RulesStopped, DocumentUnreadable):
            return None


def verdict_of(report: Report) -> Verdict:
    """Our own engine's answer in the same form."""
    if not report.evaluated:
        return None
    return Counter({rule: report.findings.counts[rule] for rule in report.official_ids})
