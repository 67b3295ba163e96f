"""The fast path says what the parser's way says, whatever happens inside a long ledger."""

import dataclasses
import io
import random
import re
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from benchmarks.ledgers import build
from edefter.model.documents import Kind
from edefter.validation import Report, validate
from edefter.validation.judging.engine import Engine
from edefter.validation.proof.feed import Feed
from tests.support.ledger_spoilers import DISGUISES, SPOILERS, spoil

KINDS = {Kind.Y: "yevmiye", Kind.K: "kebir"}
NAME = {kind: f"1234567808-202601-{kind.value}-000000.xml" for kind in KINDS}


@lru_cache
def ledgers(lines: int = 700) -> dict[Kind, bytes]:
    with TemporaryDirectory() as folder:
        part = build(lines, Path(folder), seed=7)
        return {kind: getattr(part, name).path.read_bytes() for kind, name in KINDS.items()}


def judge(content: bytes, kind: Kind, *, fast: bool, own: bool = True) -> Report:
    return validate(
        io.BytesIO(content), NAME[kind], kind=kind, signed=False, own=own, fast=fast,
        limit_per_rule=500,
    )  # fmt: skip


def same(content: bytes, kind: Kind) -> Report:
    fast, slow = judge(content, kind, fast=True), judge(content, kind, fast=False)
    assert fast.findings.counts == slow.findings.counts
    assert plain(fast) == plain(slow)
    for name in ("evaluated", "well_formed", "schema_valid", "facts"):
        assert getattr(fast, name) == getattr(slow, name), name
    return fast


def plain(report: Report) -> list[str]:
    return sorted(repr(dataclasses.astuple(finding)) for finding in report.findings)


@pytest.fixture
def parsed(monkeypatch) -> list[int]:
    """Bytes that the parser got from the fast path, feed by feed."""
    given: list[int] = []
    original = Feed.give

    def give(self, until):
        segment = original(self, until)
        given.append(len(segment))
        return segment

    monkeypatch.setattr(Feed, "give", give)
    return given


@pytest.fixture
def asked(monkeypatch) -> list[int]:
    """Numbers of lines that were judged one by one."""
    judged: list[int] = []
    original = Engine.lines

    def lines(self, header, details):
        judged.append(len(details))
        return original(self, header, details)

    monkeypatch.setattr(Engine, "lines", lines)
    return judged


# Of 700 lines a good part goes by until all spellings are known; in a kebir the parser reads the
# head of each account, and most accounts have one or two lines.
_SHARE = {Kind.Y: 0.30, Kind.K: 0.75}


@pytest.mark.parametrize("disguise", ["none", *DISGUISES])
@pytest.mark.parametrize("kind", KINDS)
def test_a_good_ledger_hardly_meets_the_parser(kind, disguise, parsed, asked):
    content = DISGUISES.get(disguise, lambda item: item)(ledgers()[kind])
    report = judge(content, kind, fast=True)
    assert not report.findings.total
    assert sum(parsed) < _SHARE[kind] * len(content)
    assert sum(asked) < 0.30 * report.facts.totals.lines
    same(content, kind)


@pytest.mark.parametrize("name", SPOILERS)
@pytest.mark.parametrize("kind", KINDS)
def test_one_fault_of_each_kind(kind, name):
    for seed in range(3):
        dice = random.Random(f"{name}{seed}")
        same(spoil(ledgers()[kind], dice, [name]), kind)


@pytest.mark.parametrize("seed", range(60))
def test_several_faults_at_once(seed):
    dice = random.Random(seed)
    kind = dice.choice(list(KINDS))
    content = spoil(ledgers()[kind], dice, dice.choices(list(SPOILERS), k=dice.randrange(2, 12)))
    if dice.random() < 0.5:
        content = DISGUISES[dice.choice(list(DISGUISES))](content)
    same(content, kind)


@pytest.mark.parametrize("name", SPOILERS)
def test_every_line_wrong(name):
    content = ledgers()[Kind.Y]
    lines = len(re.findall(rb"<gl-cor:entryDetail>", content))
    dice = random.Random(name)
    for _ in range(2 if name == "second entries" else lines // 4):
        content = spoil(content, dice, [name])
    same(content, Kind.Y)


@pytest.mark.parametrize("declare", [b"", b' xmlns:x="urn:x"'])
@pytest.mark.parametrize("fast", [True, False])
def test_lines_beyond_what_lxml_can_set(fast, declare):
    content = ledgers()[Kind.Y]
    entry = content.rindex(b"<gl-cor:entryHeader>")
    amount = content.index(b'<gl-cor:amount contextRef="journal_context"', entry)
    spoiled = (
        content[:entry]
        + b"\n" * 70_000
        + content[entry:amount]
        + b"<gl-cor:amount" + declare + b' contextRef="nowhere"'
        + content[amount + len(b'<gl-cor:amount contextRef="journal_context"') :]
    )  # fmt: skip
    report = judge(spoiled, Kind.Y, fast=fast)
    (finding,) = report.findings
    assert finding.rule == "YK-STR-11"
    place = finding.place
    assert place.xml_line == spoiled.count(b"\n", 0, spoiled.index(b"nowhere")) + 1 > 70_000
    assert spoiled[place.byte_offset :].startswith(b"<gl-cor:entryDetail>")
