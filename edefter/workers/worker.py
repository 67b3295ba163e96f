"""A worker process: takes visits from the queue, one at a time, until it is asked to stop.

One process does one visit at a time; more of them do more. SIGTERM (or SIGINT) lets the visit in
hand come to its end. A worker that dies leaves its visit marked as being done; the others see
that its signs of life have ceased and queue the visit anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc

from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from edefter.engine.services import Services
from edefter.errors import WaitingError
from edefter.observe.events import event
from edefter.workers.queue import QUEUE, TASK, VisitQueue, connection_words
from edefter.workers.visits import visit_company

_ATTEMPTS = 5  # of a job whose state database failed; then the night itself queues it anew


def work(services: Services, queue: VisitQueue, *, until_empty: bool = False) -> None:
    """Work until asked to stop.

    Args:
        services: settings, state and time.
        queue: of the state database.
        until_empty: end when nothing can be done now.

    Raises:
        WaitingError: the database does not answer; whoever watches the process starts it again.
    """
    # What is loaded by now lives as long as the process: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    try:
        asyncio.run(_work(services, queue, until_empty))
    except (ConnectorException, OperationalError, PoolTimeout) as error:
        raise WaitingError("workers.database_lost", problem=type(error).__name__) from None


async def _work(services: Services, queue: VisitQueue, until_empty: bool) -> None:
    settings = services.settings.workers
    app = App(
        connector=PsycopgConnector(
            kwargs=connection_words(services.store.engine), min_size=1, max_size=4, timeout=30.0
        )
    )

    @app.task(
        name=TASK, queue=QUEUE,
        retry=RetryStrategy(max_attempts=_ATTEMPTS, wait=int(settings.heartbeat_s)),
    )  # fmt: skip
    def visit(night: int, company: str) -> None:
        visit_company(services, queue, night, company)

    async with app.open_async():
        rescue = asyncio.create_task(_rescue_for_ever(app, settings.heartbeat_s))
        try:
            await app.run_worker_async(
                queues=[QUEUE],
                concurrency=1,
                wait=not until_empty,
                delete_jobs="successful",
                update_heartbeat_interval=settings.heartbeat_s,
                stalled_worker_timeout=3 * settings.heartbeat_s,
                fetch_job_polling_interval=settings.poll_s,
            )
        finally:
            rescue.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await rescue


async def _rescue_for_ever(app: App, heartbeat_s: float) -> None:
    while True:
        with contextlib.suppress(ConnectorException, OperationalError, PoolTimeout):
            await rescue_visits(app, 3 * heartbeat_s)
        await asyncio.sleep(heartbeat_s)


async def rescue_visits(app: App, silent_s: float) -> int:
    """Queue the visits of dead workers anew.

    A worker that was taken for dead and is not does no harm: the taxpayer's lock is its own.

    Args:
        app: open.
        silent_s: a worker is dead when it gave no sign of life for so long.

    Returns:
        How many visits there were.
    """
    stalled = list(
        await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=silent_s)
    )
    for job in stalled:
        event("worker.rescued", "visit of a dead worker", company=job.task_kwargs.get("company"))
        await _queue_anew(app, job)
    await app.job_manager.prune_stalled_workers(silent_s)
    return len(stalled)


async def _queue_anew(app: App, job: Job) -> None:
    assert job.id is not None
    try:
        await app.job_manager.retry_job(job)
    except UniqueViolation:
        # It had come to its end but for this mark: what follows from it is queued already.
        with contextlib.suppress(ConnectorException):
            await app.job_manager.finish_job_by_id_async(
                job_id=job.id, status=Status.FAILED, delete_job=True
            )
    except ConnectorException:
        return  # another worker was faster
