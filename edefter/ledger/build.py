"""Build yevmiye and kebir of a month from journal batches, in one part or in several.

    parts = build_parts(source.read(request, findings), head, before=counters,
                        numbering="source", folder=work, findings=findings)

First every row is read, checked, numbered and spilled; only if nothing is wrong are the files of
each part written, side by side and under temporary names until both are whole.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from edefter.atomic import TEMPORARY_SUFFIX, atomic_writer
from edefter.errors import InternalError
from edefter.ledger.checks import BatchChecks
from edefter.ledger.findings import LedgerRule, make
from edefter.ledger.head import LedgerHead
from edefter.ledger.head_xml import END, prologue, unwritable_texts
from edefter.ledger.kebir import write_kebir
from edefter.ledger.numbering import Numberer
from edefter.ledger.parts import PartedStage, heads_of
from edefter.ledger.render import Renderer
from edefter.ledger.sink import HashingSink
from edefter.ledger.soundness import sound_vouchers
from edefter.ledger.stage import Stage
from edefter.ledger.totals import add, frame_totals, same_books, voucher_starts
from edefter.ledger.yevmiye import write_yevmiye
from edefter.model.documents import MOST_FILE_BYTES, Kind
from edefter.model.files import Counters, LedgerPart, Totals
from edefter.model.finding import FindingLog, Place
from edefter.model.journal import JournalBatch
from edefter.observe.events import event
from edefter.observe.progress import Progress, SilentProgress


def build_parts(
    batches: Iterable[JournalBatch],
    head: LedgerHead,
    *,
    before: Counters,
    numbering: str,
    folder: Path,
    findings: FindingLog,
    source_name: str = "",
    progress: Progress | None = None,
    examine: Callable[[Path, Path], None] | None = None,
    most_bytes: int | None = MOST_FILE_BYTES,
    may_be_empty: bool = False,
) -> tuple[LedgerPart, ...] | None:
    """Write the unsigned yevmiye and kebir of a month, divided where a file would grow too large.

    Args:
        batches: whole vouchers in date order; consumed once.
        head: company, branch, days and names of the whole. With part `000000` a whole month is
            one part of that number if it fits, else its parts are `000001` …; with another
            number they go on from there.
        before: last numbers used in the fiscal year (all 0 at its start).
        numbering: `source`, `assign` or `rebase` (see `edefter.ledger.numbering`).
        folder: existing folder for `<name>.xml` of all; files of these names are replaced.
        findings: takes what is wrong; shared with the source that yields the batches.
        source_name: how findings name the source.
        progress: told about lines read and written.
        examine: called when there are errors, for each part with yevmiye and kebir of the
            vouchers without one, so that rules over finished files can add their findings in the
            same run; the files are gone when it returns. `edefter.ledger.soundness.undisturbed`
            picks the findings that count.
        most_bytes: of a file once it is signed; None = never divided.
        may_be_empty: days without an entry are no finding; a whole month must have one.

    Returns:
        The parts in order, or None when `findings` holds an error (then no file was left): a row
        that cannot be written, numbers that do not continue, an entry out of its period or larger
        than a part, an empty whole month. An unbalanced entry is written as it is; validation
        names it.

    Raises:
        InternalError: the totals of source, yevmiye and kebir differ, or a voucher was split
            over two batches; nothing is left behind.
        DataError: sums beyond 64-bit kuruş, or the source is unusable.
        ConfigError: unknown numbering, or the source cannot be reached.
        OSError: the disk refuses.

    Source: format.md §2 … §5 and §8, lifecycle.md §3 and §4, design.md §2.
    """
    progress = progress or SilentProgress()
    for name, value in unwritable_texts(head):
        findings.add(make(LedgerRule.HEAD_CHARACTER, Place(field=name), value))
    if findings.has_errors:
        most_bytes = None  # such a head has no length
    with tempfile.TemporaryDirectory(
        prefix=".build-", suffix=TEMPORARY_SUFFIX, dir=folder
    ) as temporary:

        def too_large(voucher: str, size_bytes: int) -> None:
            place = Place(file=source_name, voucher=voucher)
            findings.add(make(LedgerRule.ENTRY_TOO_LARGE, place, size_bytes, most=most_bytes))

        stages = PartedStage(Path(temporary), head, most_bytes, too_large)
        numberer = Numberer(numbering, before, findings, source_name)
        checks = BatchChecks(head, findings, source_name)
        source_totals = _stage_all(batches, stages, numberer, checks, findings, progress)
        if not source_totals.lines and not may_be_empty:
            place = Place(file=source_name)
            findings.add(make(LedgerRule.EMPTY_MONTH, place, period=str(head.period)))
        plans = _plans(head, stages, before)
        if findings.has_errors:
            if examine is not None and stages.lines and not any(unwritable_texts(head)):
                for plan in plans:
                    trial = plan.write(Path(temporary), FindingLog(), SilentProgress())
                    examine(trial.yevmiye.path, trial.kebir.path)
            return None
        if source_totals != stages.totals:
            raise InternalError(
                "ledger.totals_differ",
                source=source_totals,
                yevmiye=stages.totals,
                kebir=stages.totals,
            )
        return _write_all(plans, folder, findings, progress)


def _write_all(
    plans: list[_Plan], folder: Path, findings: FindingLog, progress: Progress
) -> tuple[LedgerPart, ...]:
    """All parts or none."""
    written: list[LedgerPart] = []
    try:
        for plan in plans:
            written.append(plan.write(folder, findings, progress))
            _tell(plan.head, written[-1])
    except BaseException:
        for part in written:
            part.yevmiye.path.unlink(missing_ok=True)
            part.kebir.path.unlink(missing_ok=True)
        raise
    return tuple(written)


def _tell(head: LedgerHead, part: LedgerPart) -> None:
    event(
        "ledger.built",
        "yevmiye and kebir written",
        company=head.company.code,
        period=str(head.period),
        part=head.part,
        lines=part.yevmiye_totals.lines,
        entries=part.yevmiye_totals.entries,
        yevmiye_bytes=part.yevmiye.size_bytes,
        kebir_bytes=part.kebir.size_bytes,
    )


def _stage_all(
    batches: Iterable[JournalBatch],
    stages: PartedStage,
    numberer: Numberer,
    checks: BatchChecks,
    findings: FindingLog,
    progress: Progress,
) -> Totals:
    totals = Totals()
    last_key: str | None = None
    try:
        for batch in batches:
            frame = batch.frame
            if not frame.height:
                continue
            starts = voucher_starts(frame)
            totals = add(totals, frame_totals(frame, int(starts.sum())))
            if last_key is not None and frame["entry_key"][0] == last_key:
                raise InternalError("ledger.split_voucher", voucher=last_key)
            last_key = frame["entry_key"][-1]
            checks.check(frame, starts)
            wrong = set(findings.error_rows)
            numbered = numberer.number(frame, starts)
            stages.add(sound_vouchers(numbered, wrong) if findings.has_errors else numbered)
            progress.advance("ledger.read", totals.lines)
    finally:
        stages.close()
    return totals


@dataclass(frozen=True, slots=True)
class _Plan:
    """One part that is ready to be written."""

    head: LedgerHead
    stage: Stage
    before: Counters
    after: Counters

    def write(self, folder: Path, findings: FindingLog, progress: Progress) -> LedgerPart:
        """Write yevmiye and kebir, both or none."""
        stage, head = self.stage, self.head
        currency, branch = head.company.book_currency, head.branch
        names = {kind: head.name(kind) for kind in (Kind.Y, Kind.K)}
        paths = {kind: folder / name.xml for kind, name in names.items()}
        serials = {Kind.Y: self.after.yevmiye_serial, Kind.K: self.after.kebir_serial}
        with atomic_writer(paths[Kind.Y]) as y_file, atomic_writer(paths[Kind.K]) as k_file:
            sinks = {Kind.Y: HashingSink(y_file), Kind.K: HashingSink(k_file)}
            for kind, sink in sinks.items():
                text = prologue(head, kind, serials[kind], multi_currency=stage.multi_currency)
                sink.write(text.encode())
            yevmiye_totals = write_yevmiye(
                stage, sinks[Kind.Y], Renderer(Kind.Y, currency, branch), branch, progress
            )
            kebir_totals = write_kebir(
                stage, sinks[Kind.K], Renderer(Kind.K, currency, branch), findings, progress
            )
            for sink in sinks.values():
                sink.write(END.encode())
            _require_equal(stage.totals, yevmiye_totals, kebir_totals)
        return LedgerPart(
            yevmiye=sinks[Kind.Y].stored(paths[Kind.Y], names[Kind.Y]),
            kebir=sinks[Kind.K].stored(paths[Kind.K], names[Kind.K]),
            source_totals=stage.totals,
            yevmiye_totals=yevmiye_totals,
            kebir_totals=kebir_totals,
            first_day=head.first_day,
            last_day=head.last_day,
            before=self.before,
            after=self.after,
        )


def _plans(head: LedgerHead, stages: PartedStage, before: Counters) -> list[_Plan]:
    """The parts with their days and numbers; serials grow by one with each (lifecycle.md §4)."""
    plans = []
    for own, part in zip(heads_of(head, stages.parts), stages.parts, strict=True):
        has_entries = part.stage.lines > 0
        after = Counters(
            entry_no=part.entry_no if has_entries else before.entry_no,
            line_no=part.line_no if has_entries else before.line_no,
            yevmiye_serial=before.yevmiye_serial + 1,
            kebir_serial=before.kebir_serial + 1,
        )
        plans.append(_Plan(own, part.stage, before, after))
        before = after
    return plans


def _require_equal(source: Totals, yevmiye: Totals, kebir: Totals) -> None:
    if source != yevmiye or not same_books(yevmiye, kebir):
        raise InternalError("ledger.totals_differ", source=source, yevmiye=yevmiye, kebir=kebir)
