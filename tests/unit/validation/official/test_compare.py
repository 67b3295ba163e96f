"""Both verdicts are laid side by side correctly: nothing is called the same that is not."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from edefter.model.documents import Kind
from edefter.model.finding import Finding, FindingLog, Layer, Place
from edefter.validation import Report, validate
from edefter.validation.names import clark
from edefter.validation.official.compare import Opinion, compare, one_sided_lines
from edefter.validation.official.package import OfficialPackage
from edefter.validation.official.places import LAST_LINE
from edefter.validation.official.saxon import Document, Engine, Rules
from edefter.validation.official.schematron import compile_schematron
from edefter.validation.official.verdict import Assertion, OfficialVerdict, Part, Sample, read_part
from edefter.validation.official.worker import _judged
from edefter.validation.rule import all_rules
from tests.support.official_package import RULE_FILES, SCHEMATRON, without_ids
from tests.unit.validation.documents import FILE, document, spoiled
from tests.unit.validation.spoilers import DEAD, kind_for, spoiler

PACKAGE = OfficialPackage(Path("p.zip"), "ab" * 32, "p.zip", "", 1, "", "", "edefter.xsd", {})
HEADER, DETAIL = clark("gl-cor:entryHeader"), clark("gl-cor:entryDetail")
DET, HDR = "Y-DET-03", "Y-HDR-02"
LINES = {DET: "lineNumberCounter", HDR: "enteredBy"}


def official(
    name: str, *lines: int, element: str = DETAIL, offsets: bool = False, has_id: bool = False
) -> Assertion:
    places = tuple((line, line * 10 if offsets else -1) for line in lines)
    samples = tuple(Sample(element, "/x", line, offset, "Kural") for line, offset in places)
    return Assertion(name, has_id, "", element, len(lines), places, samples[:20])


def ours(rule: str, *lines: int, offsets: bool = False) -> list[Finding]:
    return [
        Finding(
            rule=rule, message_tr="m", message_en="m", remedy_tr="r", remedy_en="r",
            layer=Layer.OFFICIAL,
            place=Place(xml_line=line, byte_offset=line * 10 if offsets else None),
        )
        for line in lines
    ]  # fmt: skip


def report(*findings: Finding, limit: int = 100, **more: bool) -> Report:
    log = FindingLog(limit)
    log.extend(findings)
    state = {"evaluated": True, "well_formed": True, "schema_valid": True, **more}
    return Report(name=FILE[Kind.Y], kind=Kind.Y, findings=log, **state)


def opinion(report_: Report, *assertions: Assertion, rules: str = "judged") -> Opinion:
    verdict = OfficialVerdict(Part("valid"), Part(rules, assertions=assertions))
    return compare(report_, verdict, PACKAGE)


def told(answer: Opinion) -> list[tuple[str, str, bool]]:
    return [
        (
            pair.official.assertion if pair.official else "",
            pair.ours.rule if pair.ours else "",
            pair.agrees,
        )
        for pair in answer.pairs
    ]


def test_nameless_assertions_find_their_rule_by_element_number_and_place() -> None:
    answer = opinion(
        report(*ours(DET, 5, 9), *ours(HDR, 3)),
        official("1.1.1", 3, element=HEADER),
        official("2.1.7", 5, 9),
    )
    assert told(answer) == [("1.1.1", HDR, True), ("2.1.7", DET, True)]
    assert answer.agrees


@pytest.mark.parametrize(
    "assertion",
    [
        official("2.1.7", 5),  # fewer
        official("2.1.7", 5, 9, 11),  # more
        official("2.1.7", 5, 10),  # elsewhere
        official("2.1.7", 5, 5),  # twice at the same place
        official("2.1.7", 5, 9, element=HEADER),  # about something else
    ],
)
def test_what_only_looks_alike_finds_no_partner(assertion: Assertion) -> None:
    answer = opinion(report(*ours(DET, 5, 9)), assertion)
    assert told(answer) == [("2.1.7", "", False), ("", DET, False)]
    assert answer.differs
    assert not answer.agrees


def test_two_assertions_at_one_place_are_not_one_that_fires_twice() -> None:
    answer = opinion(report(*ours(DET, 5, 5)), official("a", 5), official("b", 5))
    assert len(answer.differences) == 3


def test_as_many_pairs_are_found_as_there_can_be() -> None:
    """The first assertion fits both rules, the second only one of them."""
    first = official("a", 1, 2, 3)
    limited = report(*ours(DET, 1, 2, 3), *ours("Y-DET-01", 1, 2, 4), limit=2)
    answer = opinion(limited, first, official("b", 1, 2, 4))
    assert [pair.agrees for pair in answer.pairs] == [True, True]


def test_byte_offsets_tell_places_apart_that_share_a_line() -> None:
    """Files of one line are common."""
    findings = [replace(item, place=replace(item.place, xml_line=2)) for item in
                ours(DET, 5, 9, offsets=True)]  # fmt: skip

    def at(*offsets: int) -> Assertion:
        return replace(
            official("a", *offsets, offsets=True), places=tuple((2, o * 10) for o in offsets)
        )

    assert opinion(report(*findings), at(5, 9)).agrees
    assert not opinion(report(*findings), at(5, 8)).agrees


def test_lines_beyond_those_that_libxml2_counts_say_nothing() -> None:
    answer = opinion(
        report(*ours(DET, LAST_LINE)), replace(official("a", 70_000), places=((0, -1),))
    )
    assert answer.agrees


def test_of_a_cut_report_the_kept_findings_must_be_among_the_official_places() -> None:
    cut = report(*ours(DET, *range(1, 51)), limit=10)
    assert opinion(cut, official("a", *range(1, 51))).agrees
    assert opinion(cut, official("a", *range(2, 52))).differs
    assert opinion(cut, official("a", *range(1, 50))).differs


def test_ids_of_ours_bring_together_what_differs() -> None:
    answer = opinion(
        report(*ours(DET, 5, 9), *ours(HDR, 3)),
        official(DET, 5, 7, 8, has_id=True),
        official("Y-DET-04", 5, has_id=True),
        official(HDR, 3, element=HEADER, has_id=True),
    )
    assert sorted(told(answer)) == [
        (DET, DET, False), ("Y-DET-04", "", False), (HDR, HDR, True),
    ]  # fmt: skip
    (pair,) = [pair for pair in answer.differences if pair.ours]
    assert one_sided_lines(pair) == ([7, 8], [9])


def test_foreign_ids_count_as_no_ids() -> None:
    answer = opinion(report(*ours(DET, 5)), official("kural-17", 5, has_id=True))
    assert told(answer) == [("kural-17", DET, True)]


def test_one_assertion_about_several_elements_is_one_group() -> None:
    findings = ours("Y-GEN-01", 4, 6)
    answer = opinion(report(*findings), official("1.1.1", 4), official("1.1.1", 6, element=HEADER))
    assert told(answer) == [("1.1.1", "Y-GEN-01", True)]


def test_findings_of_other_layers_are_not_compared() -> None:
    strict = replace(ours("Y-STR-01", 5)[0], layer=Layer.STRICT)
    assert opinion(report(strict)).agrees


@pytest.mark.parametrize(
    ("rules", "state", "agrees", "differs"),
    [
        ("engine-error", {"evaluated": False}, True, False),
        ("engine-error", {}, False, True),
        ("judged", {"evaluated": False}, False, True),
        ("timeout", {}, False, False),
        ("timeout", {"evaluated": False}, False, False),
    ],
)
def test_outcomes(rules: str, state: dict[str, bool], agrees: bool, differs: bool) -> None:
    answer = opinion(report(**state), rules=rules)
    assert (answer.agrees, answer.differs) == (agrees, differs)


@pytest.mark.parametrize("whole", ["dtd", "not-well-formed"])
@pytest.mark.parametrize("content", [b"<!DOCTYPE a><a/>", b"<a>", b""])
def test_either_side_may_see_the_dtd_or_the_damage_first(whole: str, content: bytes) -> None:
    part = Part(whole)
    mine = validate(io.BytesIO(content), FILE[Kind.Y])
    assert compare(mine, OfficialVerdict(part, part), PACKAGE).agrees


def test_a_limit_of_ours_is_no_agreement() -> None:
    deep = b"<a>" * 100_000
    mine = validate(io.BytesIO(deep), FILE[Kind.Y])
    part = Part("not-well-formed")
    answer = compare(mine, OfficialVerdict(part, part), PACKAGE)
    assert (answer.schema, answer.rules) == ("limit", "limit")
    assert answer.differs


@cache
def rules(family: str, ids: bool) -> Rules:
    data = (SCHEMATRON / RULE_FILES[family][1]).read_bytes()
    return _engine().compile(compile_schematron(data if ids else without_ids(data)))


@cache
def _engine() -> Engine:
    return Engine()


@pytest.mark.parametrize("ids", [True, False], ids=["ids", "no ids"])
@pytest.mark.parametrize("family", list(RULE_FILES))
def test_every_spoiled_document_is_judged_alike(family: str, ids: bool) -> None:
    seen = set()
    for name in {rule.name for rule in all_rules()
                 if family in rule.families and rule.layer is Layer.OFFICIAL} - DEAD:  # fmt: skip
        kind = kind_for(family, name)
        data = spoiled(kind, spoiler(family, name))
        mine = validate(io.BytesIO(data), FILE[kind], kind=kind)
        part = read_part(_judged(rules(family, ids), Document(data, FILE[kind]), timed=False))
        answer = compare(mine, OfficialVerdict(Part("valid"), part), PACKAGE)
        assert answer.rules_agree, (name, told(answer))
        assert all(pair.by_id is ids for pair in answer.pairs)
        seen |= {pair.ours.rule for pair in answer.pairs if pair.ours}
    assert len(seen) > 70


def test_a_good_document_has_no_pairs() -> None:
    data = document(Kind.Y)
    part = read_part(_judged(rules("Y", False), Document(data, FILE[Kind.Y]), timed=False))
    assert part == Part("judged")
