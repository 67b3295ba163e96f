"""`worker`, `queue`: the processes that share a night, and what waits for them."""

from __future__ import annotations

import json
import logging
import os
import socket
from typing import Annotated

import typer
from rich.table import Table

from edefter.cli.context import OPTIONS, console, error_console, open_services
from edefter.cli.lang import say
from edefter.cli.run_cmd import JsonOpt
from edefter.cli.screen import turkish_time
from edefter.workers.night import refill
from edefter.workers.queue import QueuedVisit, VisitQueue, reset_queue


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("worker", help=say("help_worker"))(_worker)
    app.command("queue", help=say("help_queue"))(_queue)


def _worker(
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help=say("help_worker_until_empty"))
    ] = False,
) -> int:
    with open_services(quiet=True) as services:
        queue = VisitQueue(services.store.engine)
        from edefter.workers.worker import work  # after it is certain that procrastinate is there

        if not OPTIONS.verbose:  # it tells every lost connection with a traceback
            logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
        who = f"{os.getpid()}@{socket.gethostname()}"
        error_console().print(say("worker_ready", who=who), highlight=False)
        work(services, queue, until_empty=until_empty)
    return 0


def _queue(
    reset: Annotated[bool, typer.Option("--reset", help=say("help_queue_reset"))] = False,
    as_json: JsonOpt = False,
) -> int:
    with open_services(quiet=as_json) as services:
        if reset:
            reset_queue(services.store.engine)
        queue = VisitQueue(services.store.engine)
        if reset:
            night = services.store.open_night()
            months = services.store.months_of_night(night.id) if night else []
            count = refill(services, queue, night, months) if night else 0
            console().print(say("queue_reset_done", count=count))
        visits = queue.visits()
        workers = queue.workers(3 * services.settings.workers.heartbeat_s)
    if as_json:
        print(json.dumps(_plain(visits, workers), ensure_ascii=False, indent=1))
    else:
        _show(visits, workers)
    return 0


def _plain(visits: list[QueuedVisit], workers: int) -> dict[str, object]:
    return {
        "workers": workers,
        "visits": [
            {
                "company": v.company, "night": v.night, "status": v.status,
                "due_at": v.due_at.isoformat() if v.due_at else None, "attempts": v.attempts,
            }
            for v in visits
        ],
    }  # fmt: skip


def _show(visits: list[QueuedVisit], workers: int) -> None:
    screen = console()
    screen.print(say("queue_workers", count=workers))
    if not visits:
        screen.print(say("queue_empty"))
        return
    table = Table()
    for name in ("col_company", "col_due_state", "col_due_at", "col_attempts"):
        table.add_column(say(name))
    for v in visits:
        due = turkish_time(v.due_at.isoformat()) if v.due_at else ""
        table.add_row(v.company, say(f"queue_status_{v.status}"), due, str(v.attempts))
    screen.print(table)
