"""What the screen shows while work goes on, and the tables at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from edefter import messages
from edefter.cli.lang import LANG, say
from edefter.engine.errors import FindingsStop
from edefter.engine.report import MonthReport
from edefter.errors import EdefterError
from edefter.model.finding import Finding, FindingLog, Severity
from edefter.model.money import kurus_text
from edefter.model.period import ISTANBUL
from edefter.observe.progress import SilentProgress


class BarProgress:
    """Progress as bars; one bar per step."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def advance(self, step: str, done: int, total: int | None = None) -> None:
        """Move the bar of `step`."""
        if step not in self._tasks:
            for task in self._tasks.values():
                self._bars.remove_task(task)
            self._tasks = {step: self._bars.add_task(escape(step), total=total)}
        self._bars.update(self._tasks[step], completed=done, total=total)

    def clear(self) -> None:
        """A step has ended: no bar is shown until the next one moves."""
        for task in self._tasks.values():
            self._bars.remove_task(task)
        self._tasks = {}


@contextmanager
def progress_bars(screen: Console, *, enabled: bool) -> Iterator[BarProgress | SilentProgress]:
    """Bars on a terminal, nothing elsewhere."""
    if not enabled:
        yield SilentProgress()
        return
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,}"),
        TimeElapsedColumn(),
        console=screen,
        transient=True,
    ) as bars:
        yield BarProgress(bars)


class ScreenListener:
    """Prints steps and warnings to standard error."""

    def __init__(
        self, screen: Console, *, quiet: bool, progress: BarProgress | SilentProgress
    ) -> None:
        self._screen, self._quiet, self._progress = screen, quiet, progress

    def step(self, key: str, **facts: object) -> None:
        """One line per step."""
        if isinstance(self._progress, BarProgress):
            self._progress.clear()
        if not self._quiet:
            self._screen.print(f"  [dim]·[/dim] {escape(messages.text(key, LANG, **facts))}")

    def warn(self, key: str, **facts: object) -> None:
        """A warning is shown even in quiet runs: it goes to standard error."""
        text = messages.text(key, LANG, **facts)
        remedy = messages.remedy(key, LANG, **facts)
        self._screen.print(f"  [yellow]! {escape(f'{text} {remedy}'.strip())}[/yellow]")


def print_error(screen: Console, error: EdefterError) -> None:
    """What happened and what to do next; findings as a table."""
    screen.print(f"[bold red]{escape(say('stopped'))}[/bold red] {escape(error.text(LANG))}")
    remedy = error.remedy(LANG)
    if remedy:
        screen.print(f"[bold]{escape(say('what_to_do'))}[/bold] {escape(remedy)}")
    if isinstance(error, FindingsStop):
        print_findings(screen, error.findings)


def print_findings(screen: Console, findings: FindingLog) -> None:
    """Findings one below the other, with the true count.

    No table: a voucher number must never be folded, so that it can be copied and searched for.
    """
    for finding in findings:
        style = "red" if finding.severity is Severity.ERROR else "yellow"
        place = escape(place_text(finding))
        screen.print(f"[{style}]{escape(finding.rule)}[/{style}]  [bold]{place}[/bold]")
        screen.print(f"    {escape(finding.text(LANG))}")
        if finding.remedy(LANG):
            screen.print(
                f"    [dim]{escape(say('what_to_do'))}[/dim] {escape(finding.remedy(LANG))}"
            )
    hidden = findings.total - len(findings)
    if hidden > 0:
        screen.print(say("more_findings", hidden=hidden, total=findings.total))


def place_text(finding: Finding) -> str:
    """Where a finding is, in the user's terms."""
    place = finding.place
    words = []
    for key, value in (
        ("place_voucher", place.voucher),
        ("place_entry", place.entry_no),
        ("place_line", place.line_no),
        ("place_account", place.account),
        ("place_row", place.row),
        ("place_field", place.field),
        ("place_file", place.file),
        ("place_xml_line", place.xml_line),
    ):
        if value:
            words.append(say(key, value=value))
    return ", ".join(words)


def turkish_time(text: str) -> str:
    """An ISO instant as local Turkish time for people."""
    if not text:
        return ""
    return datetime.fromisoformat(text).astimezone(ISTANBUL).strftime("%d.%m.%Y %H:%M:%S")


def print_report(screen: Console, report: MonthReport, title: str) -> None:
    """The closing table of a month."""
    key = "archived" if report.archived else "closed" if report.closed else "open"
    what = "inventory" if report.day else "month"
    period = report.day or report.period
    caption = escape(say(f"{what}_{key}", company=report.company, period=period, title=title))
    table = Table(title=caption, title_justify="left")
    table.add_column(say("col_file"), no_wrap=True)
    table.add_column(say("col_size"), justify="right")
    table.add_column(say("col_sha"), overflow="fold")
    table.add_column(say("col_state"))
    table.add_column(say("col_gib_time"))
    table.add_column(say("col_receipt"), overflow="fold")
    for row in report.files:
        table.add_row(
            row.name,
            f"{row.size_bytes:,}".replace(",", "."),
            row.sha256,
            say(f"state_{row.state}"),
            turkish_time(row.gib_time),
            row.receipt,
        )
    if report.files:
        screen.print(table)
    else:
        screen.print(caption)
    print_totals(screen, report)
    if report.archived:
        screen.print(say("where", folder=report.folder))


def print_totals(screen: Console, report: MonthReport) -> None:
    """Sums of the source and of each book side by side."""
    for name in ("source", "yevmiye", "kebir", "inventory"):
        totals = report.totals.get(name)
        if totals is None:
            continue
        screen.print(
            say(
                f"totals_{name}",
                entries=totals["entries"],
                lines=totals["lines"],
                debit=kurus_text(totals["debit_kurus"]),
                credit=kurus_text(totals["credit_kurus"]),
            )
        )


def print_facts(screen: Console, facts: Iterable[tuple[str, str]]) -> None:
    """Two columns: name and value."""
    table = Table.grid(padding=(0, 2))
    for name, value in facts:
        table.add_row(f"[bold]{escape(name)}[/bold]", escape(value))
    screen.print(table)
