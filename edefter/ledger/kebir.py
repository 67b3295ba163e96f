"""The büyük defter, derived from the journal's rows and from nothing else (format.md §3.4)."""

from __future__ import annotations

import polars as pl

from edefter.ledger.canonical import unescape_text
from edefter.ledger.findings import LedgerRule, make
from edefter.ledger.render import HEADER_END, Renderer
from edefter.ledger.sink import HashingSink
from edefter.ledger.stage import Stage
from edefter.ledger.totals import add, frame_totals
from edefter.model.files import Totals
from edefter.model.finding import FindingLog, Place
from edefter.model.turnover import Turnover
from edefter.observe.progress import Progress

_ACCOUNT = ("main_account", "sub_account")


def write_kebir(
    stage: Stage,
    accounts: pl.DataFrame,
    sink: HashingSink,
    renderer: Renderer,
    findings: FindingLog,
    progress: Progress,
) -> Totals:
    """Write all entryHeaders of the kebir.

    Args:
        stage: the rows of the part.
        accounts: what the stage says of its accounts.
        sink: stands right after entityInformation.
        renderer: of kind K.
        findings: takes a warning for each account with several names; the lines keep theirs,
            because kebir lines are copies of journal lines.
        progress: told after each frame.

    Returns:
        Sums over the lines as written; `entries` counts the headers.
    """
    totals = Totals()
    if not accounts.height:
        return totals
    _warn_names(accounts, findings)
    net = pl.col("debit") - pl.col("credit")
    accounts = accounts.select(
        *_ACCOUNT,
        net.clip(lower_bound=0).alias("total_debit"),
        (-net).clip(lower_bound=0).alias("total_credit"),
    )
    last: pl.DataFrame | None = None
    for frame in stage.by_account():
        seen = frame if last is None else pl.concat([last, frame])
        changed = pl.any_horizontal(
            pl.col(name).ne_missing(pl.col(name).shift(1)) for name in _ACCOUNT
        )
        starts = seen.select(changed.alias("start"))["start"]
        starts = starts.slice(0 if last is None else 1)
        if last is None:
            starts[0] = True
        rows = frame.with_columns(
            starts, (pl.int_range(pl.len()) == (0 if last is None else -1)).alias("first")
        ).join(accounts, on=list(_ACCOUNT), how="left", nulls_equal=True, maintain_order="left")
        sink.write(renderer.kebir(rows))
        totals = add(totals, frame_totals(frame, int(starts.sum())))
        progress.advance("ledger.kebir", totals.lines, stage.lines)
        last = frame.tail(1)
    sink.write(HEADER_END.encode())
    return totals


def _warn_names(accounts: pl.DataFrame, findings: FindingLog) -> None:
    for row in accounts.filter(pl.col("sub_names") > 1).iter_rows(named=True):
        _warn(findings, row["sub_account"] or row["main_account"], row["sub_name"], "sub")
    mains = accounts.group_by("main_account", maintain_order=True).agg(
        pl.col("main_name").sort_by("first_line").first(),
        pl.col("main_names").max(),
        pl.col("main_name").n_unique().alias("firsts"),
    )
    several = mains.filter((pl.col("main_names") > 1) | (pl.col("firsts") > 1))
    for row in several.iter_rows(named=True):
        _warn(findings, row["main_account"], row["main_name"], "main")


def _warn(findings: FindingLog, account: str, name: str | None, level: str) -> None:
    place = Place(account=account, field=f"{level}_description")
    findings.add(make(LedgerRule.DESCRIPTION, place, name or ""))


def turnovers_of(accounts: pl.DataFrame) -> dict[str, Turnover]:
    """Turnovers of the main accounts, in ascending order of text.

    Args:
        accounts: what a stage says of its accounts.
    """
    if not accounts.height:
        return {}
    sums = ("debit", "credit", "debit_lines", "credit_lines")
    mains = accounts.group_by("main_account").agg(
        *(pl.col(name).sum() for name in sums),
        pl.col("main_name").sort_by("first_line").first(),
    )
    return {
        row["main_account"]: Turnover(
            name=unescape_text(row["main_name"] or ""),
            debit_kurus=row["debit"],
            credit_kurus=row["credit"],
            debit_lines=row["debit_lines"],
            credit_lines=row["credit_lines"],
        )
        for row in mains.sort("main_account").iter_rows(named=True)
    }
