"""Build the envanter defteri of one day: opening, year-end, or in between (format.md §3.3, §3.5).

Its rows go the way of a journal's: checked, numbered, kept on disk, divided where a file would
grow too large. It has one book, no sides and no sums, and counters of its own (lifecycle.md §4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from edefter.ledger.build import build_folder
from edefter.ledger.head import LedgerHead
from edefter.ledger.intake import Intake
from edefter.ledger.making import PlannedPart, Planner
from edefter.model.documents import MOST_FILE_BYTES, Kind
from edefter.model.files import Counters, InventoryPart
from edefter.model.finding import FindingLog
from edefter.model.inventory import INVENTORY
from edefter.model.journal import JournalBatch
from edefter.observe.progress import Progress, SilentProgress

_KINDS = (Kind.E,)


def build_inventory(
    batches: Iterable[JournalBatch],
    head: LedgerHead,
    *,
    before: Counters,
    numbering: str,
    folder: Path,
    findings: FindingLog,
    source_name: str = "",
    progress: Progress | None = None,
    examine: Callable[[Path], None] | None = None,
    most_bytes: int = MOST_FILE_BYTES,
) -> tuple[InventoryPart, ...] | None:
    """Write the unsigned envanter, in one file or in several.

    Args:
        batches: whole entries of the layout `INVENTORY`; consumed once.
        head: company, branch and names; its first and last day are the day of the inventory.
        before: last numbers that the envanters of the fiscal year used (all 0 at its start).
        numbering: `source`, `assign` or `rebase` (see `edefter.ledger.numbering`).
        folder: existing folder for the files; files of these names are replaced.
        findings: takes what is wrong; shared with the source that yields the batches.
        source_name: how findings name the source.
        progress: told about lines read and written.
        examine: called when there are errors, for each part with the entries without one, so that
            rules over finished files can add their findings; the file is gone when it returns.
        most_bytes: of a file once it is signed.

    Returns:
        The parts in order, or None when `findings` holds an error: then no file was left.

    Raises:
        InternalError: other sums were written than were read; nothing is left behind.
        DataError: sums beyond 64-bit kuruş, or the source is unusable.
        ConfigError: unknown numbering, or the source cannot be reached.
        OSError: the disk refuses.

    Source: format.md §3.3, §3.5 and §5.4; lifecycle.md §3, §4 and §8.
    """
    progress = progress or SilentProgress()
    with build_folder(folder) as temporary:
        intake = Intake(
            temporary, head, before=before, numbering=numbering, findings=findings,
            source_name=source_name, most_bytes=most_bytes, kinds=_KINDS, layout=INVENTORY,
        )  # fmt: skip
        intake.take(batches, progress)
        plans = list(Planner(head, before, _KINDS).all(intake.stages.parts))
        if findings.has_errors:
            if examine is not None and intake.stages.lines and intake.has_head:
                for plan in plans:
                    examine(_write(plan, temporary, SilentProgress()).inventory.path)
            return None
        try:
            return tuple(_write(plan, folder, progress) for plan in plans)
        except BaseException:
            for plan in plans:
                (folder / plan.head.name(Kind.E).xml).unlink(missing_ok=True)
            raise


def _write(plan: PlannedPart, folder: Path, progress: Progress) -> InventoryPart:
    book = plan.write_book(Kind.E, folder, FindingLog(), progress)
    return InventoryPart(
        inventory=book.file,
        source_totals=plan.stage.totals,
        inventory_totals=book.totals,
        first_day=plan.head.first_day,
        last_day=plan.head.last_day,
        before=plan.before,
        after=plan.after,
    )
