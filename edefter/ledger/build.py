"""Build yevmiye and kebir of a month from journal batches, in one part or in several.

    parts = build_parts(source.read(request, findings), head, before=counters,
                        numbering="source", folder=work, findings=findings)

Every row is read, checked, numbered and spilled. As soon as a part is complete its books may be
written (`edefter.ledger.making`) while the next one is read; if anything is wrong no file is left.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edefter.atomic import TEMPORARY_SUFFIX
from edefter.ledger.head import LedgerHead
from edefter.ledger.intake import Intake
from edefter.ledger.making import BookMaker, InTurn, PlannedPart, Planner
from edefter.model.documents import MOST_FILE_BYTES
from edefter.model.files import Counters, LedgerPart
from edefter.model.finding import FindingLog
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
    maker: BookMaker | None = None,
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
        maker: writes the books of each part; None = one after the other, here.

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
    with build_folder(folder) as temporary:
        intake = Intake(
            temporary, head, before=before, numbering=numbering, findings=findings,
            source_name=source_name, most_bytes=most_bytes,
        )  # fmt: skip
        stages = intake.stages
        plans = Planner(head, before)
        maker = maker or InTurn(folder, findings, progress)

        def hand_over() -> None:
            if not findings.has_errors:
                for plan in plans.closed(stages.parts):
                    maker.start(plan)

        try:
            intake.take(batches, progress, may_be_empty=may_be_empty, after_batch=hand_over)
            if findings.has_errors:
                maker.abandon()
                if examine is not None and stages.lines and intake.has_head:
                    _show_rest(Planner(head, before).all(stages.parts), temporary, examine)
                return None
            for plan in plans.all(stages.parts):
                maker.start(plan)
            parts = maker.finish()
        except BaseException:
            maker.abandon()
            raise
        for part in parts:
            _tell(head, part)
        return parts


@contextmanager
def build_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder in `folder` for the rows of one build."""
    with tempfile.TemporaryDirectory(
        prefix=".build-", suffix=TEMPORARY_SUFFIX, dir=folder
    ) as temporary:
        yield Path(temporary)


def _show_rest(
    plans: Iterable[PlannedPart], temporary: Path, examine: Callable[[Path, Path], None]
) -> None:
    """What is left of each part without the vouchers that hold errors."""
    for plan in plans:
        trial = plan.write(temporary, FindingLog(), SilentProgress())
        examine(trial.yevmiye.path, trial.kebir.path)


def _tell(head: LedgerHead, part: LedgerPart) -> None:
    event(
        "ledger.built",
        "yevmiye and kebir written",
        company=head.company.code,
        period=str(head.period),
        part=part.yevmiye.name.part,
        lines=part.yevmiye_totals.lines,
        entries=part.yevmiye_totals.entries,
        yevmiye_bytes=part.yevmiye.size_bytes,
        kebir_bytes=part.kebir.size_bytes,
    )
