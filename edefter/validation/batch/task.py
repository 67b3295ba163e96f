"""One document as the task of a process."""

from __future__ import annotations

from dataclasses import dataclass

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
