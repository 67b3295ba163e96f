"""`make acceptance-real` on books of any kind: valid ones close with equal sums, others stop with
every voucher named and nothing signed left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.acceptance_real import close_month, compare, source_sums, usage_error
from edefter.sandbox.world import SandboxWorld
from tests.support.izibiz import COLUMNS, Row, book, changed, number, written
from tests.support.office import REPO, fresh_vkn

JANUARY = ["2013-01-02", "2013-01-05", "2013-01-05", "2013-01-31"]
FEBRUARY = ["2013-02-01", "2013-02-28"]
BOOK = book(JANUARY)
LATER = book(FEBRUARY, first_entry=5, first_line=13)


@dataclass
class Result:
    """How one run ended."""

    code: int
    figures: int | None  # exit code of the comparison, when the month closed
    printed: str
    signed: list[Path]


Run = Callable[..., Result]


@pytest.fixture
def run(world: SandboxWorld, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    def close(content: bytes, period: str = "2013-01") -> Result:
        source, out, vkn = tmp_path / "defter.csv", tmp_path / "out", fresh_vkn()
        source.write_bytes(content)
        out.mkdir()
        code = close_month(world, tmp_path, source, period, out, vkn)
        figures = compare(source, period, out, vkn) if code == 0 else None
        printed = "".join(capfd.readouterr())
        signed = [p for p in out.rglob("*") if p.is_file() and b"Signature" in p.read_bytes()]
        return Result(code, figures, printed, signed)

    return close


VALID: dict[str, tuple[bytes, str]] = {
    "cp1254, CR": (written(BOOK), "2013-01"),
    "UTF-8 with mark, CRLF, tabs, other order of columns in capitals": (
        written(
            BOOK,
            encoding="utf-8-sig",
            end="\r\n",
            delimiter="\t",
            columns=[name.upper() for name in reversed(COLUMNS)],
        ),
        "2013-01",
    ),
    "second of two months, not first, rows in any order, mistakes in the other month": (
        written([*reversed(LATER), *changed(BOOK, 0, 4, amount="1,50", debitcreditcode="?")]),
        "2013-02",
    ),
    "decimals, dates with a time, texts that need escaping": (
        written(
            changed(
                changed(BOOK, 0, amount="999.5", detailcomment="&<>\"' ]]> <!--"),
                1,
                amount=" 180.50 ",
                detailcomment='"tırnak',
                entereddate="2013-01-02 00:00:00",
            )
        ),
        "2013-01",
    ),
    "very long text, emoji": (
        written(
            changed(BOOK, 3, detailcomment="çok uzun 🎉 " * 20_000), encoding="utf-8", end="\n"
        ),
        "2013-01",
    ),
}


@pytest.mark.parametrize("name", VALID)
def test_valid_books_close_with_equal_sums(run: Run, name: str) -> None:
    content, period = VALID[name]
    result = run(content, period)
    assert (result.code, result.figures) == (0, 0), result.printed
    assert len(result.signed) >= 6


def renumbered(rows: list[Row]) -> list[Row]:
    return [row | {"linenumber": str(at)} for at, row in enumerate(rows, start=1)]


SWAPPED = [
    row | dict.fromkeys(("entereddate", "postingdate", "documentdate"), day)
    for row, day in zip(
        BOOK, ["2013-01-05"] * 3 + ["2013-01-02"] * 3 + ["2013-01-31"] * 6, strict=True
    )
]
INVALID: dict[str, tuple[list[Row | str], dict[str, list[int]]]] = {
    # rows, and which rule must name which entries
    "unbalanced": ([*renumbered([*BOOK[:3], *BOOK[4:]])], {"Y-HDR-11": [2]}),
    "one line": ([*renumbered([*BOOK[:9], BOOK[9]])], {"Y-HDR-10": [4]}),
    "amounts": (
        [*changed(changed(BOOK, 0, amount="1000,50"), 3, amount="1.000,50")],
        {"SRC-06": [1, 2]},
    ),
    "three decimals": ([*changed(BOOK, 3, amount="1000.005")], {"SRC-07": [2]}),
    "gap": ([*BOOK[:6], *BOOK[9:]], {"LED-05": [4]}),
    "numbers against the dates": ([*SWAPPED], {"LED-06": [2]}),
    "same line number twice": ([*changed(BOOK, 4, linenumber="4")], {"LED-05": [2]}),
    "row without its last field": (
        [*BOOK[:3], ";".join(list(BOOK[3].values())[:-1]), *BOOK[4:]],
        {"SRC-01": [2]},
    ),
    "voucher half in the next month": (
        [*BOOK[:11], BOOK[11] | {"entereddate": "2013-02-01"}],
        {"SRC-15": [4]},
    ),
    "no date": ([*changed(BOOK, 3, 4, 5, entereddate="05.01.2013")], {"SRC-04": [2]}),
    "control character": ([*changed(BOOK, 3, detailcomment="a\x07b")], {"LED-02": [2]}),
    "document type in Turkish": ([*changed(BOOK, 3, documenttype="fatura")], {"YK-STR-10": [2]}),
}


@pytest.mark.parametrize("name", INVALID)
def test_books_with_findings_name_the_vouchers_and_sign_nothing(run: Run, name: str) -> None:
    rows, wanted = INVALID[name]
    result = run(written(rows))
    assert result.code == 1, result.printed
    assert result.signed == []
    for rule, entries in wanted.items():
        assert rule in result.printed
        for entry in entries:
            assert number(entry) in result.printed  # whole, not wrapped
    for entry in range(1, 5):
        if not any(entry in entries for entries in wanted.values()):
            assert number(entry) not in result.printed


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "defter.csv"),
        (bytes(range(256)) * 40, "entryref"),
        (written(BOOK, columns=[name for name in COLUMNS if name != "amount"]), "amount"),
        (written([]), "2013-01"),
        (written(LATER), "2013-01"),
    ],
    ids=["empty", "garbage", "column missing", "header only", "no entry in the month"],
)
def test_unusable_files_stop_with_a_sentence(run: Run, content: bytes, word: str) -> None:
    result = run(content)
    assert result.code == 1
    assert "Traceback" not in result.printed
    assert "Ne yapmalı:" in result.printed
    assert word in result.printed
    assert result.signed == []


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """`python -m benchmarks.acceptance_real words…`, as make runs it."""
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.acceptance_real", *words],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPO,
        env={name: value for name, value in os.environ.items() if name != "COLUMNS"},
    )


def test_the_command_on_the_public_sample(shared: Path, tmp_path: Path) -> None:
    sample, out = shared / "data" / "izibiz-sample.csv", tmp_path / "out"
    done = command("--input", str(sample), "--period", "2013-01", "--out", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.strip().splitlines()[-5:]
    assert all(text.endswith("ok") for text in last)
    assert [text.split()[0] for text in last] == [
        "source", "yevmiye", "kebir", "approved", "portal",
    ]  # fmt: skip
    assert "2000 lines, debit 840000.00, credit 840000.00" in last[0]
    assert len(list(out.rglob("*.xml"))) == 6


def test_the_command_on_a_book_with_a_finding(tmp_path: Path) -> None:
    source, out = tmp_path / "defter.csv", tmp_path / "out"
    source.write_bytes(written(renumbered([*BOOK[:3], *BOOK[4:]])))
    done = command("--input", str(source), "--period", "2013-01", "--out", str(out))
    assert done.returncode == 1
    assert number(2) in done.stdout + done.stderr
    assert list(out.rglob("*")) == []


def test_wrong_arguments_are_told(tmp_path: Path) -> None:
    file, full = tmp_path / "a.csv", tmp_path / "full"
    file.touch()
    full.mkdir()
    (full / "x").touch()
    new = tmp_path / "new"
    assert usage_error(file, "2013-01", new) == ""
    for source, period, out, word in (
        (tmp_path / "none.csv", "2013-01", new, "INPUT"),
        (file, "2013-1", new, "PERIOD"),
        (file, "2013-13", new, "PERIOD"),
        (file, "2013-01", full, "OUT"),
        (file, "2013-01", file, "OUT"),
    ):
        assert usage_error(source, period, out).startswith(word)


def test_the_independent_reader_counts_only_the_month(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_bytes(written([*BOOK, *LATER], encoding="utf-16", delimiter="|"))
    assert str(source_sums(source, "2013-01")) == "12 lines, debit 4720.00, credit 4720.00"
    assert source_sums(source, "2013-02").lines == 6
    source.write_bytes(written(changed(BOOK, 0, 1, amount="1,5")))
    assert source_sums(source, "2013-01").other == 2
