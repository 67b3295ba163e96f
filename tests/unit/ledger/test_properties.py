"""Whatever the books are: sums agree to the kuruş and the bytes are canonical."""

from __future__ import annotations

import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edefter.ledger.canonical import is_writable
from edefter.model.files import Counters
from edefter.model.finding import FindingLog, Severity
from edefter.model.journal import JournalBatch, Line, Voucher
from tests.support.building import build_part
from tests.unit.ledger.factory import head
from tests.unit.ledger.reading import canonical, headers, texts, without_declaration

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(is_writable)
MAYBE = st.one_of(st.none(), TEXT)
AMOUNT = st.integers(1, 10**12).map(lambda kurus: Decimal(kurus).scaleb(-2))
CODE = st.sampled_from(["100", "120", "1200", "391", "600", "60<"])


@st.composite
def vouchers(draw: st.DrawFn) -> list[Voucher]:
    made: list[Voucher] = []
    day, line_no = 1, 0
    for number in range(1, draw(st.integers(1, 4)) + 1):
        day = draw(st.integers(day, 31))
        lines = []
        for _ in range(draw(st.integers(1, 4))):
            line_no += 1
            main = draw(CODE)
            sub = draw(st.one_of(st.none(), st.sampled_from([".01", ".02", ".&"])))
            lines.append(
                Line(
                    line_no=line_no,
                    main_account=main,
                    main_description=draw(TEXT),
                    sub_account=None if sub is None else main + sub,
                    sub_description=None if sub is None else draw(TEXT),
                    amount=draw(AMOUNT),
                    dc=draw(st.sampled_from("DC")),
                    line_comment=draw(MAYBE),
                    document_number=draw(MAYBE),
                )
            )
        made.append(
            Voucher(
                entry_key=str(number),
                entered_by=draw(TEXT),
                entered_date=date(2026, 1, day),
                entry_comment=draw(MAYBE),
                entry_no=number,
                lines=tuple(lines),
            )
        )
    return made


def _side_sums(path: Path) -> tuple[int, Decimal, Decimal]:
    sums = {"D": Decimal(0), "C": Decimal(0)}
    lines = 0
    for header in headers(path):
        amounts = texts(header, "c:entryDetail/c:amount")
        sides = texts(header, "c:entryDetail/c:debitCreditCode")
        for amount, side in zip(amounts, sides, strict=True):
            sums[side] += Decimal(amount)
            lines += 1
    return lines, sums["D"], sums["C"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(vouchers())
def test_sums_of_source_yevmiye_and_kebir_agree(books: list[Voucher]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        findings = FindingLog()
        part = build_part(
            [JournalBatch.from_vouchers([each]) for each in books],
            head(),
            before=Counters(),
            numbering="source",
            folder=Path(folder),
            findings=findings,
        )
        assert {f.severity for f in findings} <= {Severity.WARNING}
        assert part is not None
        lines = [line for each in books for line in each.lines]
        expected = (
            len(lines),
            sum((line.amount for line in lines if line.dc == "D"), Decimal(0)),
            sum((line.amount for line in lines if line.dc == "C"), Decimal(0)),
        )
        for stored in (part.yevmiye, part.kebir):
            content = stored.path.read_bytes()
            assert canonical(content) == without_declaration(content)
            assert _side_sums(stored.path) == expected
        _check_kebir(part.kebir.path, lines)
        written = [
            comment
            for header in headers(part.yevmiye.path)
            for comment in texts(header, "c:entryComment")
        ]
        assert written == [each.entry_comment for each in books if each.entry_comment is not None]


def _check_kebir(path: Path, lines: list[Line]) -> None:
    """K-AEN-03..05, K-HDR-04..09 by hand."""
    keys, mains = [], []
    for header in headers(path):
        main = texts(header, "c:entryDetail/c:account/c:accountMainID")
        sub = texts(header, "c:entryDetail/c:account/c:accountSub/c:accountSubID")
        assert len(set(main)) == 1
        assert not sub or (len(set(sub)) == 1 and len(sub) == len(main))
        mains.append(main[0])
        keys.append((main[0], sub[0] if sub else None))
        mine = [x for x in lines if (x.main_account, x.sub_account) == keys[-1]]
        net = sum((x.amount if x.dc == "D" else -x.amount for x in mine), Decimal(0))
        assert texts(header, "b:totalDebit") == [f"{max(net, Decimal(0)):.2f}"]
        assert texts(header, "b:totalCredit") == [f"{max(-net, Decimal(0)):.2f}"]
        assert texts(header, "c:entryDetail/c:lineNumber") == [str(x.line_no) for x in mine]
    assert mains == sorted(mains)
    assert len(set(keys)) == len(keys)
