"""Documents that are read again: yevmiye and kebir, berats, approved berats, defter raporu."""

import re
from pathlib import Path

import pytest

from edefter.model.documents import Kind
from edefter.model.finding import Severity
from edefter.validation import validate
from edefter.validation.sets import Judged, check_set
from tests.unit.validation.documents import FILE, both, document, into, put, spoiled

NO_CHANGE = into("/*/ds:Signature", "")


def written(folder: Path, kind: Kind, *changes, name: str = "") -> Judged:
    path = folder / (name or FILE[kind])
    path.write_bytes(spoiled(kind, both(*changes)) if changes else document(kind))
    with path.open("rb") as stream:
        return Judged(path, validate(stream, path.name))


def found(*judged: Judged, own: bool = True) -> dict[str, int]:
    return {
        rule: count
        for report in check_set(judged, own=own)
        for rule, count in report.findings.counts.items()
    }


def test_yevmiye_and_kebir_of_the_same_lines(tmp_path):
    pair = written(tmp_path, Kind.Y), written(tmp_path, Kind.K)
    assert found(*pair) == {}


def test_a_kebir_with_another_amount(tmp_path):
    kebir = written(tmp_path, Kind.K, put("(//gl-cor:amount)[1]", "121.00"))
    yevmiye = written(tmp_path, Kind.Y)
    assert found(yevmiye, kebir) == {"K-STR-14": 1}
    (report,) = check_set([yevmiye, kebir], own=False)
    assert report.ok and {item.severity for item in report.findings} == {Severity.WARNING}


def test_differences_beyond_the_limit_are_counted(tmp_path):
    changes = [put(f"(//gl-cor:amount)[{number}]", "121.00") for number in (1, 2, 3)]
    pair = written(tmp_path, Kind.Y), written(tmp_path, Kind.K, *changes)
    (report,) = check_set(pair, own=True, limit_per_rule=1)
    assert report.findings.counts["K-STR-14"] == 3
    assert sum(item.rule == "K-STR-14" for item in report.findings) == 1


def test_a_partner_that_is_missing_among_others(tmp_path):
    second = FILE[Kind.Y].replace("000000", "000002")
    first = written(tmp_path, Kind.Y, name=FILE[Kind.Y].replace("000000", "000001"))
    kebir = written(tmp_path, Kind.K, name=FILE[Kind.K].replace("000000", "000001"))
    alone = written(tmp_path, Kind.Y, name=second)
    counts = found(first, kebir, alone)
    assert counts["SET-01"] == 1
    assert "SET-01" not in found(first, alone)  # nobody gave any kebir


_COUNTER = (
    "<ds:Object><xades:QualifyingProperties><xades:UnsignedProperties>"
    "<xades:UnsignedSignatureProperties/></xades:UnsignedProperties>"
    "</xades:QualifyingProperties></ds:Object>"
)


def _countersigned(folder: Path, *changes) -> Judged:
    """The berat as GİB gives it back: something more inside its signature, nothing else."""
    path = folder / f"GIB-{FILE[Kind.YB]}"
    content = spoiled(Kind.YB, both(*changes)) if changes else document(Kind.YB)
    mark = b"</xades:SignedProperties>"
    assert content.count(mark) == 1
    extra = b"<xades:UnsignedProperties>x</xades:UnsignedProperties>"
    path.write_bytes(content.replace(mark, mark + extra))
    with path.open("rb") as stream:
        return Judged(path, validate(stream, path.name))


def test_an_approved_berat_is_the_berat_and_a_counter_signature(tmp_path):
    berat = written(tmp_path, Kind.YB)
    assert "SET-02" not in found(berat, _countersigned(tmp_path))


@pytest.mark.parametrize(
    "change",
    [
        put("(//gl-cor:amount)[1]", "7.00"),
        put("//xbrli:segment/gl-cor:uniqueID", "00000000-0000-0000-0000-000000000001"),
        put("//ds:Signature//ds:SignatureValue", "AAAA"),
    ],
)
def test_an_approved_berat_with_anything_else_changed(tmp_path, change):
    berat = written(tmp_path, Kind.YB)
    assert found(berat, _countersigned(tmp_path, change))["SET-02"] == 1


def test_a_berat_against_its_ledger(tmp_path):
    counts = found(written(tmp_path, Kind.Y), written(tmp_path, Kind.YB))
    assert counts["B-STR-17"] >= 1  # size, amounts and signature value are of another ledger


def test_an_approved_berat_against_its_ledger(tmp_path):
    assert found(written(tmp_path, Kind.Y), _countersigned(tmp_path))["B-STR-17"] >= 1


# defter raporu -----------------------------------------------------------------------------------
def _report(folder: Path, *changes) -> Judged:
    """The report of the kebir in `documents`: 100 D 120.00 C 30.50, 320 D 30.50, 600 C 120.00."""
    rows = [
        ("100", "D", "120.00", "1"), ("100", "C", "30.50", "1"),
        ("320", "D", "30.50", "1"), ("320", "C", "0.00", "0"),
        ("600", "D", "0.00", "0"), ("600", "C", "120.00", "1"),
    ]  # fmt: skip
    content = document(Kind.DR).decode()
    details = re.findall(r"<gl-cor:entryDetail>.*?</gl-cor:entryDetail>", content, re.DOTALL)
    lines = ""
    for number, (main, side, amount, count) in enumerate(rows, start=1):
        line = details[0]
        for name, text in (
            ("lineNumber", str(number)), ("accountMainID", main), ("debitCreditCode", side),
            ("amount", amount), ("documentApplyToNumber", count),
        ):  # fmt: skip
            line = re.sub(rf"(<gl-cor:{name} [^>]*>)[^<]*", rf"\g<1>{text}", line)
        lines += line
    whole = content.replace("".join(details), lines)
    assert whole != content
    path = folder / FILE[Kind.DR]
    path.write_text(whole, encoding="utf-8")
    for change, by in changes:
        path.write_text(path.read_text(encoding="utf-8").replace(change, by, 1), encoding="utf-8")
    with path.open("rb") as stream:
        return Judged(path, validate(stream, path.name))


def test_a_report_of_its_kebir(tmp_path):
    report, kebir = _report(tmp_path), written(tmp_path, Kind.K)
    assert report.report.ok, [item.message_tr for item in report.report.findings]
    assert found(report, kebir) == {}


@pytest.mark.parametrize(
    ("change", "by", "count"),
    [(">120.00<", ">120.01<", 1), (">1</gl-cor:documentApply", ">2</gl-cor:documentApply", 1)],
)
def test_a_report_that_is_not(tmp_path, change, by, count):
    report, kebir = _report(tmp_path, (change, by)), written(tmp_path, Kind.K)
    assert found(report, kebir) == {"R-STR-19": count}


def test_a_report_is_not_compared_with_half_a_month(tmp_path):
    part = written(tmp_path, Kind.K, name=FILE[Kind.K].replace("000000", "000002"))
    report = _report(tmp_path, (">120.00<", ">120.01<"))
    assert "R-STR-19" not in found(report, part)
