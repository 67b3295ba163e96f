"""Verdicts on the screen: a line for each file, below it its findings by rule or by voucher."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Console
from rich.markup import escape

from edefter.cli.lang import LANG, say
from edefter.model.finding import Finding, Severity
from edefter.validation.batch.verdict import Verdict
from edefter.validation.reports.groups import (
    RuleGroup,
    VoucherGroup,
    alike,
    by_rule,
    by_text,
    by_voucher,
    errors_and_warnings,
)
from edefter.validation.reports.sentences import without_place
from edefter.validation.reports.visible import visible
from edefter.validation.reports.words import Words

_MARKS = {False: "[green]✓[/green]", True: "[yellow]![/yellow]"}
_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


class ScreenWriter:
    """Prints verdicts as they come.

    Args:
        screen: where to.
        by: `rule` or `voucher`.
        brief: whether findings are left out (they go to a file).
    """

    def __init__(self, screen: Console, *, by: str = "rule", brief: bool = False) -> None:
        self._screen = screen
        self._by = by
        self._brief = brief
        self._words = Words(LANG)
        self._folder = ""
        self._crossing = False
        self._files: Counter[str] = Counter()
        self._errors = 0
        self._warnings = 0

    def take(self, verdict: Verdict, official: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Print one file: nothing is ever folded, so that numbers can be copied."""
        report = verdict.report
        errors, warnings = errors_and_warnings(report)
        self._errors, self._warnings = self._errors + errors, self._warnings + warnings
        self._heading(verdict)
        if verdict.is_document and not verdict.is_cross:
            self._files["valid" if report.ok else "invalid"] += 1
        mark = "[red]✗[/red]" if not report.ok else _MARKS[bool(warnings)]
        facts = self._facts(verdict, errors, warnings)
        self._screen.print(f"{mark} {_safe(report.name)}: {escape(facts)}")
        if self._brief:
            return
        if self._by == "voucher":
            for voucher in by_voucher([report]):
                self._voucher(voucher)
            hidden = report.findings.total - len(report.findings)
            if hidden > 0:
                total = self._number(report.findings.total)
                more = say("more_findings", hidden=self._number(hidden), total=total)
                self._screen.print(f"  {escape(more)}")
        else:
            for group in by_rule([report]):
                self._rule(group, report.name)

    def end(self, ignored: int) -> None:
        """Print the closing line of several files."""
        documents = self._files.total()
        if documents > 1:
            line = self._words(
                "judged" if self._files["invalid"] else "judged_all_valid",
                documents=documents,
                valid=self._files["valid"],
                invalid=self._files["invalid"],
            )
            if self._errors or self._warnings:
                line += " " + self._words("found", errors=self._errors, warnings=self._warnings)
            self._screen.print(f"[bold]{escape(line)}[/bold]")
        if ignored:
            self._screen.print(f"[dim]{escape(self._words('ignored', count=ignored))}[/dim]")

    def _heading(self, verdict: Verdict) -> None:
        if verdict.is_cross:
            if not self._crossing:
                self._screen.print(f"[bold]{escape(self._words('section_cross'))}[/bold]")
            self._crossing = True
        elif verdict.folder != self._folder:
            self._folder = verdict.folder
            if self._folder:
                self._screen.print(f"[bold]{_safe(self._folder)}[/bold]")

    def _facts(self, verdict: Verdict, errors: int, warnings: int) -> str:
        parts = [self._words.verdict(verdict)]
        if errors:
            parts.append(say("count_errors", count=self._number(errors)))
        if warnings:
            parts.append(say("count_warnings", count=self._number(warnings)))
        return ", ".join(parts)

    def _rule(self, group: RuleGroup, name: str) -> None:
        style = _STYLES[group.severity]
        count = self._words.findings(group.count)
        listed = self._words("listed", count=len(group.findings)) if group.hidden else ""
        tail = ", ".join(filter(None, (self._words(f"layer_{group.layer.value}"), count, listed)))
        word = self._words(f"severity_{group.severity.value}")
        self._screen.print(
            f"  [{style}]{escape(group.rule)}[/{style}] [bold]{escape(word)}[/bold]"
            f" [dim]{escape(tail)}[/dim]"
        )
        for remedy in dict.fromkeys(item.remedy(LANG) for item in group.findings):
            if remedy:
                todo = f"{say('what_to_do')} {remedy}"
                self._screen.print(f"    [dim]{_safe(todo)}[/dim]")
        texts = [without_place(item, LANG) for item in group.findings]
        for common, positions in by_text(texts):
            if common:
                self._screen.print(f"    {_safe(common)}")
            for index in positions:
                place = self._place(group.findings[index], name)
                own = "" if common else visible(texts[index])
                shown = ": ".join(filter(None, (place, own)))
                if shown:
                    self._screen.print(f"      {escape(shown)}")

    def _place(self, item: Finding, name: str) -> str:
        place = self._words.place(item)
        if item.place.file not in ("", name):  # one of several that were compared
            place = ", ".join(filter(None, (visible(item.place.file), place)))
        field = self._words.field(item.place.field)
        return f"{place} ({field})" if place and field else place

    def _voucher(self, group: VoucherGroup) -> None:
        self._screen.print(f"  [bold]{escape(self._words.group(group))}[/bold]")
        for items in alike(group.findings, LANG):
            item = items[0]
            style = _STYLES[item.severity]
            where = self._words.lines(items)
            text = visible(without_place(item, LANG))
            shown = f"{where}: {text}" if where else text
            self._screen.print(f"    [{style}]{escape(item.rule)}[/{style}] {escape(shown)}")
            if item.remedy(LANG):
                todo = f"{say('what_to_do')} {item.remedy(LANG)}"
                self._screen.print(f"      [dim]{_safe(todo)}[/dim]")

    def _number(self, value: int) -> str:
        return self._words.number(value)


def _safe(text: str) -> str:
    """A text from outside that moves no cursor and is no mark-up."""
    return escape(visible(text))
