"""Findings as one HTML page that an accountant can send to the operator of the ERP.

What all pages share is in `page`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from edefter import __version__
from edefter.messages import Lang
from edefter.model.finding import Finding
from edefter.validation.batch.verdict import Verdict
from edefter.validation.report import Report
from edefter.validation.reports.groups import (
    RuleGroup,
    VoucherGroup,
    alike,
    by_rule,
    by_text,
    by_voucher,
    errors_and_warnings,
)
from edefter.validation.reports.page import page_time, write_page
from edefter.validation.reports.sentences import known_field, without_place, without_values
from edefter.validation.reports.words import Words, line_and_account

MOST_LISTED = 20_000  # findings; a page with more is too heavy for a browser
_HERE = Path(__file__).resolve().parent


class HtmlWriter:
    """Gathers verdicts and writes the page at the end.

    Args:
        sink: takes UTF-8.
        lang: language of the page.
        redacted: whether the verdicts were redacted, which the page then says.
        own: whether the strict layer's findings are errors, which the page then explains.
        now: when the report is made; None = now.
    """

    def __init__(
        self,
        sink: BinaryIO,
        lang: Lang,
        *,
        redacted: bool = False,
        own: bool = False,
        now: datetime | None = None,
    ) -> None:
        self._sink = sink
        self._words = Words(lang)
        self._redacted = redacted
        self._own = own
        self._now = now or datetime.now(UTC)
        self._verdicts: list[Verdict] = []
        self._listed = 0
        self._capped = False

    def take(self, verdict: Verdict, official: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Keep a verdict; beyond `MOST_LISTED` findings only the first of each rule."""
        findings = verdict.report.findings
        if self._listed + len(findings) > MOST_LISTED:
            self._capped = True
            findings = findings.thinned(1)
            verdict = replace(verdict, report=replace(verdict.report, findings=findings))
        self._listed += len(findings)
        self._verdicts.append(verdict)

    def end(self, ignored: int) -> None:
        """Write the page."""
        write_page(
            self._sink,
            _HERE,
            "report.html.j2",
            self._words.lang,
            t=self._words,
            title=self._words("title"),
            made=self._words("made", time=page_time(self._now), version=__version__),
            summary=list(self._summary(ignored)),
            explained=self._words("how_to_read_own" if self._own else "how_to_read"),
            folders=self._folders(),
            sections=list(self._rule_sections()),
            books=self._books(),
            is_limited=self._is_limited(),
        )

    def _is_limited(self) -> bool:
        return any(len(v.report.findings) < v.report.findings.total for v in self._verdicts)

    def _summary(self, ignored: int) -> Iterator[str]:
        t = self._words
        documents = [v for v in self._verdicts if v.is_document and not v.is_cross]
        valid = sum(v.report.ok for v in documents)
        if documents and valid == len(documents):
            yield t("judged_all_valid", documents=valid)
        else:
            invalid = len(documents) - valid
            yield t("judged", documents=len(documents), valid=valid, invalid=invalid)
        counts = [errors_and_warnings(v.report) for v in self._verdicts]
        errors, warnings = sum(one for one, _ in counts), sum(two for _, two in counts)
        if errors or warnings:
            yield t("found", errors=errors, warnings=warnings)
        else:
            yield t("found_nothing")
        if ignored:
            yield t("ignored", count=ignored)
        if self._redacted:
            yield t("redacted")
        if self._capped:
            yield t("capped", limit=MOST_LISTED)

    def _folders(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """Rows of the table of files, by the folder or zip that they are in."""
        found: dict[str, list[dict[str, Any]]] = {}
        for verdict in self._verdicts:
            found.setdefault(verdict.folder.rstrip("/\\"), []).append(self._file(verdict))
        return list(found.items())

    def _file(self, verdict: Verdict) -> dict[str, Any]:
        report, totals = verdict.report, verdict.report.facts.totals
        errors, warnings = errors_and_warnings(report)
        return {
            "name": report.name,
            "kind": self._words.kind(verdict),
            "state": "bad" if not report.ok else "mixed" if warnings else "good",
            "verdict": self._words.verdict(verdict),
            "errors": self._words.number(errors) if errors else "",
            "warnings": self._words.number(warnings) if warnings else "",
            "entries": self._words.number(totals.entries) if totals.entries else "",
            "lines": self._words.number(totals.lines) if totals.lines else "",
            "size": self._words.size(report.facts.size_bytes) if report.facts.size_bytes else "",
        }

    # by rule --------------------------------------------------------------------------------
    def _rule_sections(self) -> Iterator[dict[str, Any]]:
        for name, chosen in (
            ("rules", [v.report for v in self._verdicts if not v.is_cross]),
            ("cross", [v.report for v in self._verdicts if v.is_cross]),
        ):
            groups = by_rule(chosen)
            if groups or (name == "cross" and chosen):
                yield {
                    "id": name,
                    "title": self._words(f"section_{name}"),
                    "intro": self._words(f"intro_{name}"),
                    "rules": [self._rule(group, name) for group in groups],
                }

    def _rule(self, group: RuleGroup, section: str) -> dict[str, Any]:
        t = self._words
        fields = {item.place.field for item in group.findings}
        general = list(dict.fromkeys(without_values(item, t.lang) for item in group.findings))
        blocks = list(self._blocks(group.findings))
        remedies = list(dict.fromkeys(item.remedy(t.lang) for item in group.findings))
        # What each of several texts wants done stands below it, else once for the whole rule.
        by_block = len(remedies) > 1 and all(block["text"] for block in blocks)
        return {
            "id": group.rule,
            "anchor": _anchor(section, group.rule, group.severity.value),
            "severity": group.severity.value,
            "severity_word": t(f"severity_{group.severity.value}"),
            "layer": t(f"layer_{group.layer.value}"),
            "count": t.number(group.count),
            "count_word": t.findings(group.count),
            "listed": t("listed", count=len(group.findings)) if group.hidden else "",
            "general": general[0] if len(general) == 1 else "",
            "remedies": [] if by_block else remedies,
            "remedies_by_block": by_block,
            "field": self._field(fields.pop()) if len(fields) == 1 else None,
            "blocks": blocks,
        }

    def _blocks(self, findings: list[Finding]) -> Iterator[dict[str, Any]]:
        """Tables of places: one for each text that several share, or one with all texts."""
        texts = [without_place(item, self._words.lang) for item in findings]
        for common, positions in by_text(texts):
            files: dict[str, list[dict[str, str]]] = {}
            for index in positions:
                row = self._row(findings[index], "" if common else texts[index])
                rows = files.setdefault(findings[index].place.file, [])
                if rows and common and _joins(rows[-1], row):
                    rows[-1] = {key: _together(rows[-1][key], row[key], key) for key in row}
                else:
                    rows.append(row)
            every = [row for rows in files.values() for row in rows]
            columns = [name for name in _COLUMNS if any(row[name] for row in every)]
            chosen = [findings[index] for index in positions]
            yield {
                "text": common,
                "remedies": list(dict.fromkeys(item.remedy(self._words.lang) for item in chosen)),
                "columns": columns,
                "files": files,
            }

    def _row(self, finding: Finding, text: str) -> dict[str, str]:
        place = finding.place
        return {
            "voucher": place.voucher,
            "entry_no": place.entry_no,
            "lines_accounts": line_and_account(finding),
            "xml_line": str(place.xml_line or ""),
            "text": text,
        }

    def _field(self, name: str) -> dict[str, str] | None:
        label = self._words.field(name)
        if not name or not (label or known_field(name)):
            return None
        return {"label": label, "name": name}

    # by voucher -----------------------------------------------------------------------------
    def _books(self) -> list[dict[str, Any]]:
        books: list[_BookView] = []
        section = {id(v.report): "cross" if v.is_cross else "rules" for v in self._verdicts}
        owners = {
            id(item): section[id(v.report)] for v in self._verdicts for item in v.report.findings
        }
        for group in by_voucher(v.report for v in self._verdicts):
            title = self._words.book(group.book)
            if not books or books[-1].title != title:
                books.append(_BookView(title, []))
            books[-1].groups.append(self._voucher(group, owners))
        return [{"title": book.title, "groups": book.groups} for book in books]

    def _voucher(self, group: VoucherGroup, owners: dict[int, str]) -> dict[str, Any]:
        t = self._words
        return {
            "title": t.group(group),
            "findings": [
                {
                    "rule": item.rule,
                    "anchor": _anchor(owners[id(item)], item.rule, item.severity.value),
                    "severity": item.severity.value,
                    "severity_word": t(f"severity_{item.severity.value}"),
                    "kind": t(f"kind_{item.kind.value}") if item.kind else item.place.file,
                    "where": t.lines(items),
                    "text": without_place(item, t.lang),
                }
                for items in alike(group.findings, t.lang)
                for item in items[:1]
            ],
        }


@dataclass(slots=True)
class _BookView:
    title: str
    groups: list[dict[str, Any]]


_COLUMNS = ("voucher", "entry_no", "lines_accounts", "xml_line")


def _joins(row: dict[str, str], following: dict[str, str]) -> bool:
    """Whether two findings are about lines of one voucher, so that they share a row."""
    return (
        bool(row["voucher"] or row["entry_no"])
        and row["voucher"] == following["voucher"]
        and row["entry_no"] == following["entry_no"]
    )


def _together(left: str, right: str, name: str) -> str:
    if name not in ("lines_accounts", "xml_line") or not right or right == left:
        return left or right
    return left if left.endswith(f", {right}") else f"{left}, {right}" if left else right


def _anchor(section: str, rule: str, severity: str) -> str:
    return f"{section}-{rule}-{severity}"


def html_page(reports: Iterable[Report], sink: BinaryIO, lang: Lang = "tr") -> None:
    """Write reports as one page.

    Args:
        reports: what `validate` answered.
        sink: takes UTF-8.
        lang: language of the page.
    """
    writer = HtmlWriter(sink, lang)
    for report in reports:
        writer.take(Verdict(report=report))
    writer.end(ignored=0)
