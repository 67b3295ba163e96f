"""Pieces are taken ahead by a thread, and nobody is left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from edefter.model.finding import Finding, FindingLog, Place
from edefter.model.journal import JOURNAL, JournalBatch
from edefter.source.ahead import ahead, batches_ahead
from edefter.source.findings import SourceRule, make
from edefter.source.port import OutOfOrder, ReadRequest, SourceCheck


def workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "edefter-ahead"]


def test_the_same_pieces_by_another_thread() -> None:
    who = []

    def pieces() -> Iterator[int]:
        for number in range(20):
            who.append(threading.current_thread().name)
            yield number

    with ahead(pieces()) as taken:
        assert list(taken) == list(range(20))
    assert set(who) == {"edefter-ahead"} and not workers()


def test_an_error_comes_behind_what_was_taken_before() -> None:
    def pieces() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    seen = []
    with pytest.raises(OSError, match="gone"), ahead(pieces()) as taken:
        for number in taken:
            seen.append(number)
    assert seen == [1] and not workers()


def test_who_stops_early_stops_the_thread() -> None:
    taken_so_far = []

    def pieces() -> Iterator[int]:
        for number in range(1_000_000):
            taken_so_far.append(number)
            yield number

    with ahead(pieces()) as taken:
        assert next(taken) == 0
    assert not workers() and len(taken_so_far) < 100


# batches ----------------------------------------------------------------------------------------
class Books:
    """A source of three batches that finds something wrong with each."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.closed_by = ""

    def read(self, request: ReadRequest, findings: FindingLog) -> Iterator[JournalBatch]:
        try:
            for number in range(1, 4):
                request.on_rows(number)
                for _ in range(2):
                    findings.add(finding(row=number))
                rows = pl.DataFrame({"source_row": [number]}, schema_overrides=JOURNAL.schema)
                yield JournalBatch(pl.concat([JOURNAL.schema.to_frame(), rows], how="diagonal"))
            findings.add(finding(row=9))
            if self.error is not None:
                raise self.error
        finally:
            self.closed_by = threading.current_thread().name

    def check(self) -> SourceCheck:
        return SourceCheck(state="ready", detail_tr="", detail_en="")

    def clock(self) -> None:
        return None


def finding(row: int) -> Finding:
    return make(SourceRule.DATE, Place(row=row, field="entered_date"), "?")


def request(told: list[int]) -> ReadRequest:
    day = date(2026, 1, 1)
    return ReadRequest(company="", branch="", first_day=day, last_day=day, on_rows=told.append)


def test_findings_come_with_their_batch() -> None:
    told: list[int] = []
    who: set[str] = set()

    def tell(count: int) -> None:
        told.append(count)
        who.add(threading.current_thread().name)

    log = FindingLog(limit_per_rule=3)
    counted = []
    for batch in batches_ahead(Books(), replace(request([]), on_rows=tell), log):
        row = batch.frame["source_row"][0]
        counted.append((row, log.counts[SourceRule.DATE], sorted(log.error_rows), len(log)))
    assert counted == [(1, 2, [1], 2), (2, 4, [1, 2], 3), (3, 6, [1, 2, 3], 3)]
    assert (log.total, sorted(log.error_rows), len(log), log.has_errors) == (
        7,
        [1, 2, 3, 9],
        3,
        True,
    )
    assert told == [1, 2, 3] and who == {threading.current_thread().name}
    assert not workers()


def test_an_error_of_the_source_ends_the_batches() -> None:
    books, log = Books(OutOfOrder()), FindingLog()
    seen = []
    with pytest.raises(OutOfOrder):
        seen.extend(batches_ahead(books, request([]), log))
    assert books.closed_by == "edefter-ahead" and not workers()


def test_who_needs_no_more_gives_the_source_back() -> None:
    books = Books()
    with closing(batches_ahead(books, request([]), FindingLog())) as batches:
        next(batches)
    assert books.closed_by == "edefter-ahead" and not workers()
