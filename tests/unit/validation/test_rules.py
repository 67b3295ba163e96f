"""Every official rule accepts our valid document and fires on the one made to break it."""

import io

import pytest

from edefter.model.documents import Kind
from edefter.model.finding import Layer, Severity
from edefter.validation import validate
from edefter.validation.rule import all_rules
from tests.unit.validation.documents import FILE, document, spoiled
from tests.unit.validation.spoilers import DEAD, kind_for, spoiler

OFFICIAL = sorted(
    (family, rule.name)
    for rule in all_rules()
    if rule.layer is Layer.OFFICIAL
    for family in rule.families
)


def judge(kind: Kind, content: bytes, **options):
    return validate(io.BytesIO(content), FILE[kind], kind=kind, **options)


def test_counts_are_those_of_the_official_files():
    found = {family: sum(one == family for one, _ in OFFICIAL) for family in ("Y", "K", "B")}
    found |= {family: sum(one == family for one, _ in OFFICIAL) for family in ("R", "E", "EB")}
    assert found == {"Y": 131, "K": 123, "B": 106, "R": 94, "E": 105, "EB": 77}
    assert len(set(OFFICIAL)) == len(OFFICIAL) == 636


@pytest.mark.parametrize("kind", list(Kind))
def test_valid_document_has_no_finding(kind):
    report = judge(kind, document(kind), own=True)
    assert [finding.message_tr for finding in report.findings] == []
    assert report.ok and report.evaluated and report.schema_valid


@pytest.mark.parametrize("kind", list(Kind))
def test_valid_unsigned_document_has_no_finding(kind):
    content = document(kind, signed=False)
    report = judge(kind, content, signed=False, own=True)
    assert [finding.message_tr for finding in report.findings] == []
    assert not judge(kind, content).ok


@pytest.mark.parametrize(("family", "name"), [rule for rule in OFFICIAL if rule[1] not in DEAD])
def test_rule_fires_on_its_bad_document(family, name):
    kind = kind_for(family, name)
    report = judge(kind, spoiled(kind, spoiler(family, name)))
    assert report.evaluated, [finding.message_tr for finding in report.findings]
    fired = [finding for finding in report.findings if finding.rule == f"{family}-{name}"]
    assert fired, report.official_ids
    finding = fired[0]
    assert finding.severity is Severity.ERROR and finding.kind is kind
    for text in (finding.message_tr, finding.message_en, finding.remedy_tr, finding.remedy_en):
        assert text and "{" not in text and "?" not in text
    assert finding.place.file == FILE[kind]
