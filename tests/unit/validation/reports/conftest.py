"""Verdicts made by the validator itself, on documents spoiled for the purpose."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from edefter.model.documents import Kind
from edefter.validation import Report, validate
from edefter.validation.batch.verdict import Verdict
from tests.unit.validation.documents import Change, document, spoiled

Judge = Callable[..., Report]


@pytest.fixture
def judge() -> Judge:
    """Gives the report on a document of a kind, spoiled by changes or given as bytes."""

    def make(
        kind: Kind = Kind.Y,
        *changes: Change,
        data: bytes | None = None,
        name: str = "",
        own: bool = False,
        limit: int = 100,
    ) -> Report:
        if data is None:
            data = document(kind)
            for change in changes:
                data = spoiled(kind, change)
        name = name or f"1234567808-202601-{kind}-000000.xml"
        return validate(io.BytesIO(data), name, own=own, limit_per_rule=limit)

    return make


@pytest.fixture
def verdict(judge: Judge) -> Callable[..., Verdict]:
    """The same as a verdict of a run."""

    def make(*args, shown: str = "", **kwargs) -> Verdict:
        report = judge(*args, **kwargs)
        return Verdict(report=report, shown=shown or report.name)

    return make
