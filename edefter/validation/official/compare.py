"""Official verdict and ours, laid side by side: what agrees is shown as well as what differs.

GİB's assertions carry no ids of ours. Where an assertion has one of our ids they are compared by
it; else an assertion and a rule belong together when they complain about the same kind of element,
equally often, at the same places (byte offset, else line). What finds no partner is a difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from edefter.model.finding import Finding, Layer
from edefter.validation.names import FAMILIES, ROOTS, clark
from edefter.validation.official.limits import Limits
from edefter.validation.official.package import OfficialPackage
from edefter.validation.official.places import LAST_LINE
from edefter.validation.official.runner import judge
from edefter.validation.official.verdict import Assertion, OfficialVerdict, Part, Sample
from edefter.validation.report import Report
from edefter.validation.rule import Context, all_rules

_DOCUMENT = frozenset({"", *ROOTS.values()})
_ELEMENTS: dict[Context, frozenset[str]] = {
    Context.DOCUMENT: _DOCUMENT,
    Context.SIGNATURE: frozenset({clark("ds:Signature")}),
    Context.X509: frozenset({clark("ds:X509Data")}),
    Context.SUBJECT: frozenset({clark("ds:X509SubjectName")}),
    Context.XBRL: frozenset({clark("xbrli:xbrl")}),
    Context.ENTITY: frozenset({clark("xbrli:entity")}),
    Context.IDENTIFIER: frozenset({clark("xbrli:identifier")}),
    Context.MEASURE: frozenset({clark("xbrli:measure")}),
    Context.ENTRIES: frozenset({clark("gl-cor:accountingEntries")}),
    Context.INFO: frozenset({clark("gl-cor:documentInfo")}),
    Context.ENTITY_INFO: frozenset({clark("gl-cor:entityInformation")}),
    Context.PHONE: frozenset({clark("gl-bus:entityPhoneNumber")}),
    Context.EMAIL: frozenset({clark("gl-bus:entityEmailAddressStructure")}),
    Context.WEBSITE: frozenset({clark("gl-bus:entityWebSite")}),
    Context.ACCOUNTANT: frozenset({clark("gl-bus:accountantInformation")}),
    Context.HEADER: frozenset({clark("gl-cor:entryHeader")}),
    Context.DETAIL: frozenset({clark("gl-cor:entryDetail")}),
    Context.MEASURABLE: frozenset({clark("gl-bus:measurable")}),
    Context.ATTACHMENT: frozenset({clark("defterek:binaryObject")}),
    Context.COUNTER_STEP: frozenset({clark("gl-cor:entryHeader")}),
    Context.DATE_STEP: frozenset({clark("gl-cor:entryHeader")}),
    Context.LINE_STEP: frozenset({clark("gl-cor:entryDetail")}),
}
"""Elements that the rules of a context complain about; ATTRIBUTE may be any."""


@dataclass(frozen=True, slots=True)
class OfficialGroup:
    """All failures of one assertion."""

    assertion: str
    has_id: bool
    role: str
    elements: frozenset[str]
    count: int
    places: tuple[tuple[int, int], ...]
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class OurGroup:
    """All findings of one official rule of ours.

    Args:
        rule: its id.
        elements: elements that it can complain about; None = any.
        count: true number of findings.
        findings: those that the report kept.
    """

    rule: str
    elements: frozenset[str] | None
    count: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """An assertion and a rule that say the same, or one without a partner.

    Args:
        official, ours: None = no partner.
        by_id: they were brought together by their id; places or numbers may then differ.
    """

    official: OfficialGroup | None
    ours: OurGroup | None
    by_id: bool = False

    @property
    def agrees(self) -> bool:
        """Whether both sides complain equally often at the same places."""
        if self.official is None or self.ours is None:
            return False
        return self.official.count == self.ours.count and _same_places(self.official, self.ours)


@dataclass(frozen=True, slots=True)
class Opinion:
    """Second opinion on one document.

    Args:
        file: file name.
        package: whose opinion it is.
        official: what the package says.
        schema: our outcome, in the words of `Part.outcome`.
        rules: our outcome; `limit` = ours was not read to its end, for a reason of our own.
        pairs: failed assertions and findings, those that agree first.
        schema_findings: our findings about the schema.
    """

    file: str
    package: OfficialPackage
    official: OfficialVerdict
    schema: str
    rules: str
    pairs: tuple[Pair, ...]
    schema_findings: tuple[Finding, ...]

    @property
    def schema_judged(self) -> bool:
        """Whether the official schema gave a verdict."""
        return self.official.schema.is_answer

    @property
    def rules_judged(self) -> bool:
        """Whether the official rules gave a verdict."""
        return self.official.rules.is_answer

    @property
    def schema_agrees(self) -> bool:
        """Whether both schemas say the same."""
        return self.schema_judged and _same(self.official.schema.outcome, self.schema)

    @property
    def same_rules_outcome(self) -> bool:
        """Whether both sides could judge, or neither could."""
        return self.rules_judged and _same(self.official.rules.outcome, self.rules)

    @property
    def rules_agree(self) -> bool:
        """Whether both sets of rules say the same, at the same places."""
        return self.same_rules_outcome and not self.differences

    @property
    def differences(self) -> tuple[Pair, ...]:
        """Assertions and rules that have no partner, or not at the same places."""
        return tuple(pair for pair in self.pairs if not pair.agrees)

    @property
    def agrees(self) -> bool:
        """Whether both parts were judged officially and neither differs."""
        return self.schema_agrees and self.rules_agree

    @property
    def differs(self) -> bool:
        """Whether a part that was judged differs; not the opposite of `agrees`."""
        return (self.schema_judged and not self.schema_agrees) or (
            self.rules_judged and not self.rules_agree
        )


def _same(official: str, ours: str) -> bool:
    """Either side may see the DTD or the damage first; both refuse the document."""
    refused = ("dtd", "not-well-formed")
    return official == ours or (official in refused and ours in refused)


def second_opinion(
    path: Path, report: Report, package: OfficialPackage, *, limits: Limits | None = None
) -> Opinion:
    """Let the official package judge a document and compare it with our report.

    Args:
        path: the document.
        report: our verdict on it; the rules of its kind are applied.
        package: an imported package.
        limits: size of the document, time and memory of the process.

    Raises:
        ConfigError: the extra `second-opinion` is missing, or the kept package was changed.
        DataError: the document is larger than the limit.
        OSError: the document cannot be read.
    """
    return compare(report, judge(package, report.kind, path, limits=limits), package)


def compare(report: Report, official: OfficialVerdict, package: OfficialPackage) -> Opinion:
    """Lay both verdicts side by side.

    Args:
        report: ours.
        official: that of the package, on the same document.
        package: which package it was.
    """
    schema, rules = _our_outcomes(report)
    judged = official.rules.outcome == rules == "judged"
    return Opinion(
        file=report.name,
        package=package,
        official=official,
        schema=schema,
        rules=rules,
        pairs=_pairs(official.rules, report) if judged else (),
        schema_findings=tuple(item for item in report.findings if item.layer is Layer.SCHEMA),
    )


def _our_outcomes(report: Report) -> tuple[str, str]:
    if not report.well_formed:
        rules = report.findings.counts
        whole = "dtd" if rules["XML-DTD"] else "limit" if rules["XML-LIMIT"] else "not-well-formed"
        return whole, whole
    schema = "valid" if report.schema_valid else "invalid"
    return schema, "judged" if report.evaluated else "engine-error"


def _pairs(part: Part, report: Report) -> tuple[Pair, ...]:
    family = FAMILIES[report.kind] if report.kind is not None else ""
    official = _official_groups(part.assertions)
    ours = {group.rule: group for group in _our_groups(report, family)}
    known = _contexts(family)
    pairs: list[Pair] = []
    nameless: list[OfficialGroup] = []
    for group in official:
        if group.has_id and group.assertion in known:
            pairs.append(Pair(group, ours.pop(group.assertion, None), by_id=True))
        else:
            nameless.append(group)
    pairs += _match(nameless, list(ours.values()))
    return tuple(sorted(pairs, key=_order))


def _order(pair: Pair) -> tuple[bool, int, str]:
    lines = [sample.line for sample in pair.official.samples] if pair.official else []
    if pair.ours is not None:
        lines += [item.place.xml_line or 0 for item in pair.ours.findings]
    name = pair.ours.rule if pair.ours else pair.official.assertion if pair.official else ""
    return not pair.agrees, min(lines, default=0), name


def _official_groups(assertions: Iterable[Assertion]) -> list[OfficialGroup]:
    together: dict[tuple[str, bool], list[Assertion]] = {}
    for item in assertions:
        together.setdefault((item.assertion, item.has_id), []).append(item)
    return [
        OfficialGroup(
            assertion=name,
            has_id=has_id,
            role=items[0].role,
            elements=frozenset(item.element for item in items),
            count=sum(item.count for item in items),
            places=tuple(place for item in items for place in item.places),
            samples=tuple(sample for item in items for sample in item.samples),
        )
        for (name, has_id), items in together.items()
    ]


def _our_groups(report: Report, family: str) -> list[OurGroup]:
    kept: dict[str, list[Finding]] = {}
    for item in report.findings:
        if item.layer is Layer.OFFICIAL:
            kept.setdefault(item.rule, []).append(item)
    contexts = _contexts(family)
    return [
        OurGroup(
            rule=rule,
            elements=_ELEMENTS.get(contexts[rule]) if rule in contexts else None,
            count=report.findings.counts[rule],
            findings=tuple(items),
        )
        for rule, items in kept.items()
    ]


@lru_cache(maxsize=8)
def _contexts(family: str) -> dict[str, Context]:
    return {
        rule.id_for(family): rule.context
        for rule in all_rules()
        if family in rule.families and rule.layer is Layer.OFFICIAL
    }


def _match(official: list[OfficialGroup], ours: list[OurGroup]) -> list[Pair]:
    """As many agreeing pairs as there can be (augmenting paths), then what is left on each side."""
    fitting = [[j for j, rule in enumerate(ours) if _fits(group, rule)] for group in official]
    taken: dict[int, int] = {}

    def place(i: int, tried: set[int]) -> bool:
        for j in fitting[i]:
            if j not in tried:
                tried.add(j)
                if j not in taken or place(taken[j], tried):
                    taken[j] = i
                    return True
        return False

    for i in range(len(official)):
        place(i, set())
    partner = {i: j for j, i in taken.items()}
    pairs = [
        Pair(group, ours[partner[i]] if i in partner else None) for i, group in enumerate(official)
    ]
    return pairs + [Pair(None, rule) for j, rule in enumerate(ours) if j not in taken]


def _fits(official: OfficialGroup, ours: OurGroup) -> bool:
    if ours.elements is not None and not official.elements <= ours.elements:
        return False
    return official.count == ours.count and _same_places(official, ours)


def _same_places(official: OfficialGroup, ours: OurGroup) -> bool:
    """Whether our findings stand where the official failures stand.

    The report keeps only the first findings of a rule; these must be among the official places.
    """
    keys = _keys(official, ours)
    return keys is None or not Counter(keys[1]) - Counter(keys[0])


def _keys(official: OfficialGroup, ours: OurGroup) -> tuple[list[int], list[int]] | None:
    """What tells the places of both sides: byte offsets, else lines; None = neither is known."""
    if len(official.places) < official.count:
        return None
    offsets = [offset for _, offset in official.places]
    own_offsets = [item.place.byte_offset for item in ours.findings]
    if -1 not in offsets and None not in own_offsets:
        return offsets, [offset or 0 for offset in own_offsets]
    lines = [line for line, _ in official.places]
    own_lines = [item.place.xml_line or 0 for item in ours.findings]
    if 0 in lines or any(not 0 < line < LAST_LINE for line in own_lines):
        return None
    return lines, own_lines


def one_sided_lines(pair: Pair) -> tuple[list[int], list[int]]:
    """Lines at which only one side complains: the official one, ours.

    Empty where that cannot be told: a side has no partner, does not know its places, or our report
    did not keep all of its findings.
    """
    if pair.official is None or pair.ours is None or len(pair.ours.findings) < pair.ours.count:
        return [], []
    keys = _keys(pair.official, pair.ours)
    if keys is None:
        return [], []
    theirs, own = Counter(keys[0]), Counter(keys[1])
    lines = dict(
        zip(keys[1], (item.place.xml_line or 0 for item in pair.ours.findings), strict=True)
    )
    lines |= dict(zip(keys[0], (line for line, _ in pair.official.places), strict=True))
    return (
        sorted(lines[key] for key in (theirs - own).elements()),
        sorted(lines[key] for key in (own - theirs).elements()),
    )
