"""One run of `validate`: inputs, worker processes, comparison between files, writers."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from edefter.atomic import atomic_writer
from edefter.cli.context import LOG_WIDTH, console, error_console
from edefter.cli.lang import LANG, say
from edefter.cli.second_opinion import plain_opinion, print_second_opinion
from edefter.cli.verdicts import ScreenWriter
from edefter.errors import ConfigError, ExitCode, worst
from edefter.model.documents import Kind
from edefter.validation.batch.many import judge_all
from edefter.validation.batch.verdict import Verdict, not_judged
from edefter.validation.inputs import Input, open_inputs
from edefter.validation.inputs.model import trouble
from edefter.validation.reports.csv_report import CsvWriter
from edefter.validation.reports.html_report import HtmlWriter
from edefter.validation.reports.json_report import JsonLinesWriter, JsonWriter
from edefter.validation.reports.redact import Redactor
from edefter.validation.sets import Judged, check_set


class Format(StrEnum):
    """What the result is written as."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    HTML = "html"


class Group(StrEnum):
    """What findings are grouped by on the screen."""

    RULE = "rule"
    VOUCHER = "voucher"


class By(StrEnum):
    """Whose engine judges."""

    OWN = "own"
    OFFICIAL = "official"


class Writer(Protocol):
    """Takes verdicts one after the other."""

    def take(self, verdict: Verdict, official: dict[str, Any] | None = None) -> None:
        """One file, with the official package's opinion on it."""

    def end(self, ignored: int) -> None:
        """After the last; `ignored` files were left out."""


@dataclass(slots=True, kw_only=True)
class Validating:
    """What the command was asked for, and the run itself.

    Args:
        paths: files, folders, zips.
        format: what the result is written as.
        output: file that takes it; None = standard output.
        kind, own, limit: as of `validate`.
        group: grouping on the screen.
        jobs: number of processes; None = one for each processor.
        redactor: takes the documents' texts out; None = they stay.
        separator: between cells of CSV.
        official: folder of official packages; None = only our engine judges.
        package: which of them, by the beginning of its SHA-256; empty = the newest.
    """

    paths: list[Path]
    format: Format
    output: Path | None
    kind: Kind | None
    own: bool
    limit: int
    group: Group
    jobs: int | None
    redactor: Redactor | None
    separator: str
    official: Path | None
    package: str
    _codes: set[ExitCode] = field(default_factory=set)
    _documents: int = 0
    _judged: list[Judged] = field(default_factory=list)
    _screen: Console = field(default_factory=console)

    def run(self) -> ExitCode:
        """Judge everything and write it.

        Returns:
            the worst of: findings, a document that could not be judged by a fault of ours;
            `WAITING` when the run was interrupted.

        Raises:
            ConfigError: a path does not exist, nothing was found to judge, or the output cannot
                be written.
        """
        try:
            with _terminated_like_interrupted(), self._writers() as writers:
                self._run(writers)
        except KeyboardInterrupt:  # caught here: typer would end with a code of its own, silently
            error_console().print(say("validate_interrupted"))
            return ExitCode.WAITING
        except BrokenPipeError:  # who reads has seen enough (`| head`)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if self.output is not None:
            self._screen.print(say("report_written", path=str(self.output)), markup=False)
        return worst(self._codes or {ExitCode.OK})

    def _run(self, writers: list[Writer]) -> None:
        with ExitStack() as stack:
            inputs = stack.enter_context(open_inputs(self.paths))
            judged = judge_all(
                inputs, jobs=self.jobs, kind=self.kind, own=self.own, limit_per_rule=self.limit
            )
            stack.callback(judged.close)
            with self._progress() as advance:
                for verdict in judged:
                    self._take(verdict, writers)
                    advance(self._documents)
                for verdict in self._between():
                    self._take(verdict, writers)
            if not self._documents and not self._codes:
                paths = ", ".join(str(path) for path in self.paths)
                raise ConfigError("cli.nothing_found", path=paths)
            for writer in writers:
                writer.end(inputs.ignored)

    def _take(self, verdict: Verdict, writers: list[Writer]) -> None:
        self._documents += verdict.is_document
        if not verdict.report.ok:
            self._codes.add(ExitCode.FINDINGS)
        if verdict.failed:
            self._codes.add(ExitCode.INTERNAL)
        if verdict.file is not None:
            # Without its findings: of a thousand bad files they would fill memory.
            bare = replace(verdict.report, findings=verdict.report.findings.thinned(0))
            self._judged.append(Judged(verdict.file, bare))
        opinion = self._opinion(verdict)
        shown = verdict if self.redactor is None else self.redactor.verdict(verdict)
        for writer in writers:
            writer.take(shown, opinion)

    def _between(self) -> Iterator[Verdict]:
        """Comparisons between the documents of this run, when there are several."""
        if len(self._judged) < 2:
            return
        try:
            for report in check_set(self._judged, own=self.own, limit_per_rule=self.limit):
                yield Verdict(report=report, is_document=False, is_cross=True)
        except Exception as error:  # the verdicts on the documents must not be lost
            itself = Input(name=say("between_files"), shown="", is_document=False)
            yield not_judged(itself, (trouble(itself.name, error),))

    def _opinion(self, verdict: Verdict) -> dict[str, Any] | None:
        if self.official is None or verdict.file is None:
            return None
        # Beside the result, never into it.
        free = self.format is Format.TABLE or self.output is not None
        opinion = print_second_opinion(
            self._screen if free else error_console(),
            verdict.file,
            verdict.report,
            self.official,
            self.package,
        )
        if opinion is None:
            return None
        if opinion.differs:
            self._codes.add(ExitCode.FINDINGS)
        return plain_opinion(opinion)

    # where it goes --------------------------------------------------------------------------
    @contextmanager
    def _progress(self) -> Iterator[Callable[[int], None]]:
        """A line on a terminal that is not the result's, that tells how many are done."""
        free = self.format is Format.TABLE or self.output is not None
        if not (free and self._screen.is_terminal):
            yield lambda _: None
            return
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=self._screen,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        ) as bar:
            task = bar.add_task(say("validating", count=0))
            yield lambda count: bar.update(task, description=say("validating", count=count))

    @contextmanager
    def _writers(self) -> Iterator[list[Writer]]:
        if self.output is None:
            if self.format is Format.TABLE:
                yield [ScreenWriter(self._screen, by=self.group.value)]
                return
            yield [self._file_writer(sys.stdout.buffer)]
            sys.stdout.buffer.flush()
            return
        with ExitStack() as stack:
            try:
                raw = stack.enter_context(atomic_writer(self.output))
            except OSError as problem:
                raise _not_written(self.output, problem) from problem
            sink: Any = _Sink(raw, self.output)
            yield [self._file_writer(sink), ScreenWriter(self._screen, brief=True)]
            try:
                stack.close()
            except OSError as problem:
                raise _not_written(self.output, problem) from problem

    def _file_writer(self, sink: BinaryIO) -> Writer:
        if self.format is Format.JSON:
            return JsonWriter(sink, LANG)
        if self.format is Format.JSONL:
            return JsonLinesWriter(sink, LANG)
        if self.format is Format.CSV:
            return CsvWriter(sink, LANG, separator=self.separator)
        if self.format is Format.HTML:
            return HtmlWriter(sink, LANG, redacted=self.redactor is not None, own=self.own)
        text: Any = _Utf8(sink)
        plain = Console(file=text, highlight=False, soft_wrap=True, width=LOG_WIDTH)
        return ScreenWriter(plain, by=self.group.value)


class _Sink:
    """The output file; what cannot be written is told as such."""

    def __init__(self, raw: BinaryIO, path: Path) -> None:
        self._raw = raw
        self._path = path

    def write(self, data: bytes) -> int:
        """As of files.

        Raises:
            ConfigError: the disk is full and the like.
        """
        try:
            return self._raw.write(data)
        except OSError as problem:
            raise _not_written(self._path, problem) from problem

    def flush(self) -> None:
        """The file is flushed when it is complete."""


class _Utf8:
    """A text file for rich over a binary one."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink

    def write(self, text: str) -> int:
        """As of files."""
        return self._sink.write(text.encode())

    def flush(self) -> None:
        """As of files."""


def _not_written(path: Path, problem: OSError) -> ConfigError:
    return ConfigError("cli.not_written", path=str(path), problem=problem.strerror or "")


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """A service manager's SIGTERM ends the run as Ctrl-C does: nothing unpacked is left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
