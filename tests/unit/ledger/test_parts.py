"""A divided month says what the undivided one says, in files of the allowed size."""

from __future__ import annotations

import random
import re
import tempfile
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edefter.ledger.build import build_parts
from edefter.ledger.head_xml import END, prologue
from edefter.ledger.parts import SIGNATURE_BYTES
from edefter.model.company import Branch
from edefter.model.documents import Kind
from edefter.model.files import Counters, LedgerPart, Totals
from edefter.model.finding import FindingLog
from edefter.model.journal import JournalBatch, Voucher
from edefter.validation import validate
from edefter.validation.sets import Judged, check_set
from tests.support.random_books import months
from tests.unit.ledger.factory import head, line, two_vouchers, voucher

DAY = timedelta(days=1)
_ENTRY = re.compile(rb"<gl-cor:entryHeader>.*?</gl-cor:entryHeader>\n", re.DOTALL)
_LINE = re.compile(rb"<gl-cor:entryDetail>.*?</gl-cor:entryDetail>\n", re.DOTALL)
AROUND = (
    SIGNATURE_BYTES
    + len(END)
    + max(len(prologue(head(), kind, 1, multi_currency=True).encode()) for kind in (Kind.Y, Kind.K))
)


def built(
    vouchers: list[Voucher], folder: Path, most_bytes: int | None, batch: int = 100, **more: object
) -> tuple[LedgerPart, ...]:
    findings = FindingLog()
    batches = [vouchers[i : i + batch] for i in range(0, len(vouchers), batch)]
    before = more.pop("before", Counters())
    parts = build_parts(
        [JournalBatch.from_vouchers(each) for each in batches],
        head(**more),
        before=before,
        numbering="rebase" if before != Counters() else "source",
        folder=folder,
        findings=findings,
        most_bytes=most_bytes,
    )
    assert parts is not None, [finding.message_en for finding in findings]
    return parts


def entries(part: LedgerPart) -> list[bytes]:
    return _ENTRY.findall(part.yevmiye.path.read_bytes())


def kebir_lines(part: LedgerPart) -> list[bytes]:
    return _LINE.findall(part.kebir.path.read_bytes())


def days(part: LedgerPart) -> list[date]:
    found = re.findall(rb"<gl-cor:enteredDate [^>]*>([^<]*)<", part.yevmiye.path.read_bytes())
    return [date.fromisoformat(each.decode()) for each in found]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(months(), st.integers(4_500, 20_000), st.integers(1, 5))
def test_nothing_is_lost_repeated_or_divided(
    vouchers: list[Voucher], room_bytes: int, batch: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "whole").mkdir()
        (whole,) = built(vouchers, folder / "whole", None)
        try:
            parts = built(vouchers, folder, AROUND + room_bytes, batch)
        except AssertionError as refused:
            assert "cannot be divided" in str(refused)
            return
        assert [entry for part in parts for entry in entries(part)] == entries(whole)
        assert Counter(x for part in parts for x in kebir_lines(part)) == Counter(
            kebir_lines(whole)
        )
        for part in parts:
            for file in (part.yevmiye, part.kebir):
                assert file.size_bytes + SIGNATURE_BYTES <= AROUND + room_bytes
            assert all(part.first_day <= day <= part.last_day for day in days(part))
        numbers = [part.yevmiye.name.part for part in parts]
        several = [f"{number:06d}" for number in range(1, len(parts) + 1)]
        assert numbers == (["000000"] if len(parts) == 1 else several)
        assert (parts[0].first_day, parts[-1].last_day) == (date(2026, 1, 1), date(2026, 1, 31))
        for left, right in pairwise(parts):
            assert left.after == right.before
            shared = days(right)[0] == left.last_day
            assert right.first_day == (left.last_day if shared else left.last_day + DAY)
            assert days(left)[-1] == left.last_day
        assert parts[-1].after.entry_no == whole.after.entry_no
        assert parts[-1].after.line_no == whole.after.line_no
        assert parts[-1].after.yevmiye_serial == len(parts)
        debit = sum(part.yevmiye_totals.debit_kurus for part in parts)
        assert debit == whole.yevmiye_totals.debit_kurus


def test_a_part_is_filled_before_the_next_begins(tmp_path: Path) -> None:
    """No smaller number of parts would do, but for the room that a header of an account takes."""
    lines = iter(range(1, 10_000))
    vouchers = [
        voucher(n, line(next(lines), "100", "1.00", "D"), line(next(lines), "600", "1.00", "C"),
                day=1 + n * 30 // 300)
        for n in range(1, 301)
    ]  # fmt: skip
    (tmp_path / "whole").mkdir()
    (whole,) = built(vouchers, tmp_path / "whole", None)
    room = 60_000
    parts = built(vouchers, tmp_path, AROUND + room, batch=7)
    body = whole.yevmiye.size_bytes - AROUND + SIGNATURE_BYTES
    assert len(parts) == -(-body // (room - 2_500))


@pytest.mark.parametrize("branch", [None, Branch(number="0001", name="Kadıköy Şubesi")])
def test_the_validator_accepts_the_parts_one_by_one_and_together(
    tmp_path: Path, branch: Branch | None
) -> None:
    chosen = random.Random(7)
    vouchers, number = [], 0
    for entry in range(1, 121):
        kurus = chosen.randint(1, 10**8)
        text = f"{kurus // 100}.{kurus % 100:02d}"
        pair = chosen.sample(["100.01", "120.01", "191", "320", "391", "600"], 2)
        lines = [line(number + 1, pair[0], text, "D"), line(number + 2, pair[1], text, "C")]
        number += 2
        vouchers.append(voucher(entry, *lines, day=1 + entry * 30 // 120))
    parts = built(vouchers, tmp_path, AROUND + 70_000, batch=11, branch=branch)
    assert len(parts) > 3
    judged = []
    for part in parts:
        for file in (part.yevmiye, part.kebir):
            with file.path.open("rb") as stream:
                report = validate(stream, file.path.name, own=True, signed=False)
            assert report.ok, [finding.message_en for finding in report.findings]
            judged.append(Judged(file.path, report))
    for together in check_set(judged, own=True):
        assert together.ok, [finding.message_en for finding in together.findings]


def test_the_same_books_give_the_same_bytes_whatever_the_batches(tmp_path: Path) -> None:
    vouchers = [
        voucher(n, line(2 * n - 1, "100", "1.00", "D"), line(2 * n, "600", "1.00", "C"), day=5)
        for n in range(1, 40)
    ]
    hashes = set()
    for batch in (1, 3, 100):
        folder = tmp_path / str(batch)
        folder.mkdir()
        parts = built(vouchers, folder, AROUND + 20_000, batch)
        hashes.add(tuple((part.yevmiye.sha256, part.kebir.sha256) for part in parts))
    assert len(hashes) == 1


def test_parts_go_on_from_a_part_made_by_hand(tmp_path: Path) -> None:
    before = Counters(entry_no=7, line_no=20, yevmiye_serial=3, kebir_serial=3)
    vouchers = [
        voucher(n, line(2 * n - 1, "100", "1.00", "D"), line(2 * n, "600", "1.00", "C"), day=20)
        for n in range(1, 20)
    ]
    parts = built(
        vouchers,
        tmp_path,
        AROUND + 30_000,
        part="000002",
        first_day=date(2026, 1, 16),
        before=before,
    )  # fmt: skip
    assert [part.yevmiye.name.part for part in parts] == ["000002", "000003"]
    assert parts[0].first_day == date(2026, 1, 16)
    assert parts[0].before == before
    assert parts[-1].after == Counters(entry_no=26, line_no=58, yevmiye_serial=5, kebir_serial=5)


def test_an_entry_larger_than_a_part(tmp_path: Path) -> None:
    """All of them are named, and everything else that is wrong."""
    huge = [
        voucher(n, line(2 * n - 1, "100", "1.00", "D", line_comment="x" * 9_000),
                line(2 * n, "600", "1.00", "C"))
        for n in (1, 2)
    ]  # fmt: skip
    findings = FindingLog()
    parts = build_parts(
        [JournalBatch.from_vouchers(huge)], head(), before=Counters(), numbering="source",
        folder=tmp_path, findings=findings, most_bytes=AROUND + 8_000,
    )  # fmt: skip
    assert parts is None
    assert [finding.rule for finding in findings] == ["LED-14", "LED-14"]
    assert [finding.place.voucher for finding in findings] == ["F00001", "F00002"]
    assert list(tmp_path.iterdir()) == []


def test_an_undivided_month_is_what_it_was(tmp_path: Path) -> None:
    (part,) = built(two_vouchers(), tmp_path, 200_000_000)
    assert part.yevmiye.name.part == "000000"
    assert part.yevmiye_totals == Totals(
        entries=2, lines=5, debit_kurus=23_600, credit_kurus=23_600
    )


def test_when_one_part_cannot_be_written_none_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edefter.ledger import making

    real, calls = making.write_kebir, []

    def failing(*given: object) -> Totals:
        calls.append(1)
        if len(calls) == 2:
            raise OSError("disk full")
        return real(*given)

    monkeypatch.setattr(making, "write_kebir", failing)
    vouchers = [
        voucher(n, line(2 * n - 1, "100", "1.00", "D"), line(2 * n, "600", "1.00", "C"), day=5)
        for n in range(1, 40)
    ]
    with pytest.raises(OSError, match="disk full"):
        built(vouchers, tmp_path, AROUND + 20_000)
    assert list(tmp_path.iterdir()) == []


def test_a_head_that_cannot_be_written_is_a_finding(tmp_path: Path) -> None:
    """Such a head has no length, and nothing is cut."""
    findings = FindingLog()
    parts = build_parts(
        [JournalBatch.from_vouchers(two_vouchers())],
        head(branch=Branch(number="0001", name="Kad\x07ıköy Şubesi")),
        before=Counters(), numbering="source", folder=tmp_path, findings=findings,
    )  # fmt: skip
    assert parts is None
    assert [finding.rule for finding in findings] == ["LED-12"]
