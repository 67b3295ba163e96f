"""Do the numbers of a month join those of the months before and behind it?"""

from __future__ import annotations

from datetime import date

from edefter.engine.job import Job
from edefter.errors import OperatorNeeded
from edefter.model.files import Counters
from edefter.state.states import NOT_SENT


def require_numbers_fit(job: Job) -> None:
    """Refuse books whose numbers do not follow those before them, or leave a gap behind them.

    Both happen only when a month was made anew after another had been built on it.

    Raises:
        OperatorNeeded: with the numbers.
    """
    kind = job.kinds[0]
    every = job.store.documents(job.company.code, job.branch_number, kinds=(kind,))
    own = [d for d in every if d.period == job.period and d.first_day <= job.last_day.isoformat()]
    if not own:
        return
    first, last = own[0], own[-1]
    before, known = job.counters_before(date.fromisoformat(first.first_day))
    open_here = first.state in NOT_SENT and first.counters_before is not None
    if open_here and known and before != first.counters_before:
        raise OperatorNeeded(
            "engine.numbers_moved",
            **job.facts,
            found=_numbers(first.counters_before),
            expected=_numbers(before),
        )
    if last.state not in NOT_SENT or last.counters_after is None:
        return
    year = job.company.fiscal_year(job.last_day)
    following = [
        d
        for d in every
        if (d.first_day, d.period, d.part) > (last.last_day, last.period, last.part)
        and date.fromisoformat(d.first_day) <= year.end
        and d.state not in NOT_SENT
        and d.counters_before is not None
    ]
    if following and following[0].counters_before != last.counters_after:
        raise OperatorNeeded(
            "engine.numbers_do_not_join",
            **job.facts,
            later=str(following[0].period),
            ends=_numbers(last.counters_after),
            begins=_numbers(following[0].counters_before),
        )


def _numbers(counters: Counters | None) -> str:
    """Numbers of entry and line, as people compare them."""
    return "-" if counters is None else f"{counters.entry_no} / {counters.line_no}"
