"""Several documents at once: worker processes, verdicts in the order of the inputs.

Every document is judged in a process of its own kind, so that one that brings its process down
(memory, a defect in a C library) costs its own verdict and no other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future

from edefter.crew import Crew, WorkerGone, processors
from edefter.model.documents import Kind
from edefter.validation.batch.task import Task, judge
from edefter.validation.batch.verdict import Verdict, not_judged
from edefter.validation.inputs.model import Input, finding

_AHEAD = 32  # verdicts that may wait for an earlier one


def judge_all(
    inputs: Iterable[Input],
    *,
    jobs: int | None = None,
    kind: Kind | None = None,
    own: bool = False,
    limit_per_rule: int = 100,
) -> Generator[Verdict, None, None]:
    """Judge inputs in several processes.

    A process that ends by itself is a finding `FILE-03` of the file that it had. When the caller
    stops asking (or is interrupted, and closes the iterator), the processes are ended at once.

    Args:
        inputs: what `open_inputs` gives; taken as needed, a little ahead.
        jobs: number of processes (≥ 1); None = one for each processor, never more than inputs.
        kind, own, limit_per_rule: as of `validate`.

    Returns:
        verdicts in the order of the inputs, each as soon as it and all before it are there.

    Raises:
        ValueError: `jobs` below 1.
    """
    crew = Crew(processors() if jobs is None else jobs)
    waiting: deque[tuple[Input, Future[Verdict]]] = deque()
    try:
        for item in inputs:
            if item.file is None:
                done: Future[Verdict] = Future()
                done.set_result(not_judged(item, item.findings))
            else:
                task = Task(item=item, kind=kind, own=own, limit_per_rule=limit_per_rule)
                done = crew.submit(judge, task)
            waiting.append((item, done))
            while waiting and (waiting[0][1].done() or len(waiting) > crew.size + _AHEAD):
                yield _result(*waiting.popleft())
        while waiting:
            yield _result(*waiting.popleft())
    finally:
        crew.end()


def _result(item: Input, done: Future[Verdict]) -> Verdict:
    try:
        return done.result()
    except WorkerGone as problem:
        found = finding("FILE-03", item.name, detail=problem.how)
        return not_judged(item, (*item.findings, found))
