"""Documents that are read again: yevmiye and kebir, berats, approved berats, defter raporu."""

import re
import unicodedata
from pathlib import Path

import pytest

from edefter.model.documents import Kind
from edefter.model.finding import FindingLog, Severity
from edefter.validation import validate
from edefter.validation.gathering import turnovers
from edefter.validation.sets import Judged, check_set, copies, readings
from edefter.validation.sets.scan import scan
from tests.unit.validation.documents import FILE, both, document, drop, put, spoiled, twice

AMOUNT = "//gl-cor:amount"


def no_change(_root) -> None:
    """As it is."""


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


def test_an_approved_berat_with_another_stylesheet(tmp_path):
    berat = written(tmp_path, Kind.YB)
    approved = _countersigned(tmp_path)
    text = approved.path.read_bytes()
    mark = b"<edefter:berat"
    approved.path.write_bytes(text.replace(mark, b'<?xml-stylesheet href="x.xslt"?>' + mark, 1))
    assert found(berat, approved)["SET-02"] == 1


@pytest.mark.parametrize("content", [b"<a", b"<!DOCTYPE a><a/>", b'<a xmlns:b="./b"><b:c/></a>'])
def test_an_approved_berat_that_is_none_any_more(tmp_path, content):
    """Files can change between their own judgement and the comparison."""
    berat, approved = written(tmp_path, Kind.YB), _countersigned(tmp_path)
    approved.path.write_bytes(content)
    assert found(berat, approved)["SET-02"] == 1


_STATED = {  # what the ledgers in `documents` add up to: row of the berat and its amount
    Kind.YB: put("(//gl-cor:entryDetail)[6]/gl-cor:amount", "120.00"),
    Kind.KB: put("(//gl-cor:entryDetail)[6]/gl-cor:amount", "120.00"),
    Kind.EB: no_change,
}


@pytest.mark.parametrize("kind", _STATED)
def test_a_berat_of_its_ledger(tmp_path, kind):
    ledger = written(tmp_path, kind.ledger)
    berat = written(tmp_path, kind, _STATED[kind])
    assert found(ledger, berat) == {}


@pytest.mark.parametrize("kind", _STATED)
@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("B-STR-17", put("//gl-bus:measurableQuantity", "3.00")),
        ("B-STR-17", put("/*/ds:SignatureValue", "AAAA")),
        ("B-STR-18", put("//gl-bus:creator", "Başkası")),
    ],
)
def test_a_berat_of_another_ledger(tmp_path, kind, rule, change):
    ledger = written(tmp_path, kind.ledger)
    assert found(ledger, written(tmp_path, kind, _STATED[kind], change)) == {rule: 1}


@pytest.mark.parametrize(("kind", "count"), [(Kind.YB, 1), (Kind.EB, 1), (Kind.KB, 0)])
def test_number_of_entries_is_compared_where_it_is_stated(tmp_path, kind, count):
    ledger = written(tmp_path, kind.ledger, twice("(//gl-cor:entryHeader)[2]"))
    counts = found(ledger, written(tmp_path, kind, _STATED[kind]))
    assert counts.get("B-STR-17", 0) == count


def test_an_approved_berat_against_its_ledger(tmp_path):
    ledger, change = written(tmp_path, Kind.Y), _STATED[Kind.YB]
    assert found(ledger, _countersigned(tmp_path, change)) == {}
    assert found(ledger, _countersigned(tmp_path))["B-STR-17"] == 1


def test_each_file_is_read_once(tmp_path, monkeypatch):
    kinds = [Kind.Y, Kind.K, Kind.YB, Kind.KB]
    judged = [written(tmp_path, kind, _STATED.get(kind, no_change)) for kind in kinds]
    judged += [_countersigned(tmp_path, _STATED[Kind.YB]), _report(tmp_path)]
    read: list[str] = []

    def counted(path, take):
        read.append(path.name)
        return scan(path, take)

    monkeypatch.setattr(readings, "scan", counted)
    assert found(*judged) == {}
    assert sorted(read) == sorted(item.path.name for item in judged)


# several files of one name -------------------------------------------------------------------
def test_the_same_file_twice_is_one(tmp_path):
    (tmp_path / "paket").mkdir()
    pair = written(tmp_path, Kind.Y), written(tmp_path, Kind.K)
    again = written(tmp_path / "paket", Kind.Y)
    assert found(*pair, again) == {}


def test_two_contents_under_one_name(tmp_path):
    (tmp_path / "taslak").mkdir()
    draft = written(tmp_path / "taslak", Kind.Y, drop("/*/ds:Signature"), put(AMOUNT, "7.00"))
    pair = written(tmp_path, Kind.Y), written(tmp_path, Kind.K)
    for given in ([draft, *pair], [*pair, draft]):
        (report,) = check_set(given, own=True)
        assert dict(report.findings.counts) == {"SET-10": 1}  # the valid one is compared
        finding = next(iter(report.findings))
        assert finding.severity is Severity.WARNING and "2 dosya" in finding.message_tr


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_one_of_several_files_of_a_name_vanished(tmp_path, gone):
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
    given = [
        written(folder, Kind.Y, drop("/*/ds:Signature"), put(AMOUNT, f"{number}.00"))
        for number, folder in enumerate(folders, start=1)
    ]
    given[gone].path.unlink()
    log = FindingLog()
    assert len(copies.chosen(given, log)) == 1
    assert dict(log.counts) == {"SET-10": 2}
    vanished, several = log
    assert "yeniden okunamadı" in vanished.message_tr and "2 dosya" in several.message_tr


def test_an_approved_berat_vanished(tmp_path):
    berat, approved = written(tmp_path, Kind.YB), _countersigned(tmp_path)
    approved.path.unlink()
    (report,) = check_set([berat, approved], own=True)
    (finding,) = [item for item in report.findings if item.rule == "SET-02"]
    assert finding.severity is Severity.ERROR and "yeniden okunamadı" in finding.message_tr


@pytest.mark.parametrize("kind", [Kind.Y, Kind.K])
def test_no_ledger_is_approved(tmp_path, kind):
    """GİB gives back berats; a ledger that calls itself approved is none and replaces none."""
    pair = [written(tmp_path, Kind.Y), written(tmp_path, Kind.K)]
    berats = [written(tmp_path, Kind.YB), written(tmp_path, Kind.KB)]
    ledger = pair[0] if kind is Kind.Y else pair[1]
    false = written(tmp_path, kind, put(AMOUNT, "7.00"), name=f"GIB-{FILE[kind]}")
    assert found(*pair, false) == found(*pair)
    left = [item for item in (*pair, *berats) if item is not ledger]
    assert found(*left, false) == found(*left)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_deleted_sets_take_no_part(tmp_path, form):
    folder = tmp_path / unicodedata.normalize(form, "İPTAL EDİLENLER (SİLİNENLER)")
    folder.mkdir()
    deleted = written(folder, Kind.Y, put(AMOUNT, "7.00"))
    pair = written(tmp_path, Kind.Y), written(tmp_path, Kind.K)
    assert found(deleted, *pair) == {}
    assert found(deleted, pair[1])["K-STR-14"] == 4  # when they are all there is, they are compared


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
    ("changes", "said"),
    [
        (
            [(">120.00<", ">120.01<")],
            ["100 hesabının D toplamı raporda 120.01, büyük defterde 120.00"],
        ),
        (
            [(">1</gl-cor:documentApply", ">2</gl-cor:documentApply")],
            ["100 hesabının D işlem sayısı raporda 2, büyük defterde 1"],
        ),
        (
            [(">320</gl-cor:accountMainID", ">321</gl-cor:accountMainID")] * 2,
            ["320 hesabı ayın büyük defterinde var, raporda yok", "321 hesabı raporda var"],
        ),
    ],
)
def test_a_report_that_is_not(tmp_path, changes, said):
    report, kebir = _report(tmp_path, *changes), written(tmp_path, Kind.K)
    (result,) = check_set([report, kebir], own=True)
    assert dict(result.findings.counts) == {"R-STR-19": len(said)}
    for text, finding in zip(said, result.findings, strict=True):
        assert text in finding.message_tr


def test_a_report_names_an_account_without_movement_too_many(tmp_path):
    """Its zeros add nothing, and yet the account occurs in no kebir."""
    report = _report(tmp_path)
    text = report.path.read_text(encoding="utf-8")
    rows = re.findall(r"<gl-cor:entryDetail>.*?</gl-cor:entryDetail>", text, re.DOTALL)
    zero = [row for row in rows if ">0.00<" in row][:1]
    for number, side in enumerate("DC", start=7):
        row = re.sub(r">[0-9]+</gl-cor:(lineNumber)>", rf">{number}</gl-cor:\1>", zero[0])
        row = row.replace(">320<", ">770<").replace(">600<", ">770<")
        row = re.sub(r">[DC]</gl-cor:debitCreditCode", f">{side}</gl-cor:debitCreditCode", row)
        text = text.replace("</gl-cor:entryHeader>", f"{row}</gl-cor:entryHeader>")
    report.path.write_text(text, encoding="utf-8")
    with report.path.open("rb") as stream:
        judged = Judged(report.path, validate(stream, report.path.name))
    assert judged.report.ok, [item.message_tr for item in judged.report.findings]
    (result,) = check_set([judged, written(tmp_path, Kind.K)], own=True)
    assert [item.place.field for item in result.findings] == ["gl-cor:accountMainID"]


def test_a_report_of_two_parts(tmp_path):
    """Two parts with the same lines: sums and counts twice those of one."""
    parts = []
    for number, start, end in ((1, "2026-01-01", "2026-01-15"), (2, "2026-01-15", "2026-01-31")):
        name = FILE[Kind.K].replace("000000", f"00000{number}")
        days = put("//gl-cor:periodCoveredStart", start), put("//gl-cor:periodCoveredEnd", end)
        serial = put("//gl-cor:documentInfo/gl-cor:uniqueID", f"KEB20260100000{number}")
        parts.append(written(tmp_path, Kind.K, *days, serial, name=name))
    twice_as_much = [
        *[(">120.00<", ">240.00<"), (">30.50<", ">61.00<")] * 2,
        *[(">1</gl-cor:documentApply", ">2</gl-cor:documentApply")] * 4,
    ]
    assert found(_report(tmp_path, *twice_as_much), *parts) == {}
    assert found(_report(tmp_path), *parts) == {"R-STR-19": 8}


def test_a_report_of_a_kebir_that_cannot_be_read(tmp_path):
    report, kebir = _report(tmp_path), written(tmp_path, Kind.K)
    kebir.path.write_bytes(b"<a")
    (result,) = check_set([report, kebir], own=True)
    assert dict(result.findings.counts) == {"R-STR-19": 1}
    assert FILE[Kind.K] in next(iter(result.findings)).message_tr


def test_more_accounts_than_any_chart(tmp_path, monkeypatch):
    monkeypatch.setattr(turnovers, "_MOST_ACCOUNTS", 3)
    report, kebir = _report(tmp_path), written(tmp_path, Kind.K)
    assert found(report, kebir) == {"R-STR-19": 1}


def test_a_report_is_not_compared_with_half_a_month(tmp_path):
    part = written(tmp_path, Kind.K, name=FILE[Kind.K].replace("000000", "000002"))
    report = _report(tmp_path, (">120.00<", ">120.01<"))
    assert "R-STR-19" not in found(report, part)
