"""Facts that an operator tells the engine about months made elsewhere."""

from __future__ import annotations

from dataclasses import asdict

from edefter.engine.job import Job
from edefter.engine.lock import company_lock
from edefter.errors import ConfigError
from edefter.ledger.making import SERIALS
from edefter.model.files import Counters

SERIAL_DIGITS = 6


def set_adopted_counters(job: Job, *, entry_no: int, line_no: int) -> Counters:
    """Tell the last numbers of a month, or of an envanter, that was taken over from GIB- files.

    Args:
        job: the adopted month; or the envanter of any day of it.
        entry_no: its last madde no.
        line_no: its last line number.

    Returns:
        The counters that the next month starts from; serials come from the adopted berats.

    Raises:
        ConfigError: the month was not adopted here.
        WaitingError: another run is working on the company.
    """
    adopted = [d for d in job.documents() if d.adopted]
    if not adopted:
        raise ConfigError("engine.not_adopted", **job.facts)
    serials = dict.fromkeys((SERIALS[kind] for kind in job.kinds), 0)
    for document in adopted:
        unique_id = str((document.totals or {}).get("unique_id", ""))
        if unique_id[-SERIAL_DIGITS:].isdigit():
            name = SERIALS[document.kind]
            serials[name] = max(serials[name], int(unique_id[-SERIAL_DIGITS:]))
    counters = Counters(entry_no=entry_no, line_no=line_no, **serials)
    with company_lock(job.services.data_dir / "locks", job.store, job.company):
        for document in adopted:
            job.store.transition(
                document.id,
                document.state,
                cause="operator told counters",
                counters_after=asdict(counters),
                evidence=asdict(counters),
            )
    return counters
