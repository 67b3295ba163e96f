"""A process that judges one document after the other: `python -m edefter.validation.batch.worker`.

Tasks come pickled on standard input, verdicts go pickled to standard output. Only the process
that started it talks to it; it ends when its standard input closes.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
from dataclasses import dataclass
from queue import SimpleQueue
from typing import BinaryIO

from edefter.model.documents import Kind
from edefter.validation.batch.verdict import Verdict, not_judged
from edefter.validation.inputs.model import Input, trouble
from edefter.validation.run import validate


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One document to judge.

    Args:
        item: the document; its `file` is there.
        kind, own, limit_per_rule: as of `validate`.
    """

    item: Input
    kind: Kind | None = None
    own: bool = False
    limit_per_rule: int = 100


def judge(task: Task) -> Verdict:
    """Judge one document; neither an unreadable file nor a defect of ours is an exception."""
    item = task.item
    assert item.file is not None
    try:
        with item.file.open("rb") as stream:
            report = validate(
                stream,
                item.name,
                kind=task.kind,
                own=task.own,
                limit_per_rule=task.limit_per_rule,
            )
    except Exception as error:
        return not_judged(item, (*item.findings, trouble(item.name, error)))
    report.findings.extend(item.findings)
    return Verdict(report=report, shown=item.shown, file=item.file)


def _serve() -> None:
    # What libraries print must not get between the verdicts.
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        tasks: SimpleQueue[Task] = SimpleQueue()
        threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks), daemon=True).start()
        while True:
            pickle.dump(judge(tasks.get()), answers)
            answers.flush()


def _listen(stream: BinaryIO, tasks: SimpleQueue[Task]) -> None:
    """Take tasks; when who gives them is gone, end at once, even amid a document."""
    while True:
        try:
            tasks.put(pickle.load(stream))  # noqa: S301 - from the process that started us
        except EOFError:
            os._exit(0)


if __name__ == "__main__":
    _serve()
