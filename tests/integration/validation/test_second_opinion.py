"""A package of ours is imported, runs in its own process, and is compared with our engine."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from edefter.cli.second_opinion import plain_opinion, print_second_opinion
from edefter.errors import ConfigError, DataError
from edefter.model.documents import Kind
from edefter.validation import Report, validate
from edefter.validation.official import runner
from edefter.validation.official.compare import Opinion, one_sided_lines, second_opinion
from edefter.validation.official.limits import Limits
from edefter.validation.official.package import OfficialPackage, import_package
from edefter.validation.official.runner import judge, time_rules
from tests.support.official_package import SVRL_YEVMIYE, package_files, write_zip
from tests.support.stylesheet_attacks import ATTACKS, template, whole
from tests.unit.validation.documents import FILE, both, document, drop, put, spoiled

COUNTER = "gl-cor:lineNumberCounter"
LINE_COUNTER = f"//{COUNTER}"
RULES_Y = "sch/edefter_yevmiye.sch"
Make = Callable[[dict[str, bytes]], OfficialPackage]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Imports a package of these files."""

    def import_files(files: dict[str, bytes]) -> OfficialPackage:
        return import_package(write_zip(tmp_path / "paket.zip", files), tmp_path / "official")

    return import_files


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> OfficialPackage:
    folder = tmp_path_factory.mktemp("paket")
    return import_package(write_zip(folder / "p.zip", package_files()), folder / "official")


@pytest.fixture(scope="module")
def nameless(tmp_path_factory: pytest.TempPathFactory) -> OfficialPackage:
    """Its assertions have no ids, as GİB's."""
    folder = tmp_path_factory.mktemp("paket")
    files = package_files(ids=False)
    return import_package(write_zip(folder / "p.zip", files), folder / "official")


def stored(folder: Path, data: bytes, name: str = FILE[Kind.Y]) -> tuple[Path, Report]:
    path = folder / name
    path.write_bytes(data)
    return path, validate(io.BytesIO(data), name)


def lines_apart(data: bytes) -> bytes:
    """Each entry and line on a line of its own."""
    return re.sub(rb"(<gl-cor:entry(?:Header|Detail)>)", rb"\n\1", data)


def opinion_on(
    folder: Path, data: bytes, package: OfficialPackage, kind: Kind = Kind.Y, **more: object
) -> Opinion:
    path, report = stored(folder, data, FILE[kind])
    return second_opinion(path, report, package, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", list(Kind))
def test_both_sides_accept_a_good_document(kind, package, nameless, tmp_path):
    for each in (package, nameless):
        opinion = opinion_on(tmp_path, document(kind), each, kind)
        assert (opinion.schema, opinion.rules, opinion.pairs) == ("valid", "judged", ())
        assert opinion.official.schema.outcome == "valid"
        assert opinion.official.rules.outcome == "judged"
        assert opinion.agrees
        assert not opinion.differs


BAD = both(
    drop(LINE_COUNTER),
    put("//gl-cor:entriesType", "ledger"),
    drop("//gl-cor:documentInfo/gl-cor:uniqueID"),
)


def test_both_sides_find_the_same_in_a_bad_document(package, nameless, tmp_path):
    data = lines_apart(spoiled(Kind.Y, BAD))
    for each, by_id in ((package, True), (nameless, False)):
        opinion = opinion_on(tmp_path, data, each)
        assert opinion.agrees, opinion.differences
        rules = {pair.ours.rule for pair in opinion.pairs}
        assert rules >= {"Y-DET-03", "Y-INF-02", "Y-INF-03"}
        assert all(pair.by_id is by_id for pair in opinion.pairs)
        missing = next(pair for pair in opinion.pairs if pair.ours.rule == "Y-DET-03")
        assert missing.official.count == missing.ours.count
        assert missing.official.samples[0].path.endswith("/gl-cor:entryDetail[1]")


def test_a_rule_that_the_package_lacks_is_a_difference(make, tmp_path):
    files = package_files(ids=False)
    text = re.sub(r"<assert[^>]*>Y-DET-03</assert>", "", files[RULES_Y].decode())
    opinion = opinion_on(tmp_path, spoiled(Kind.Y, BAD), make({**files, RULES_Y: text.encode()}))
    (pair,) = opinion.differences
    assert pair.official is None
    assert pair.ours.rule == "Y-DET-03"
    assert opinion.differs


def test_a_rule_that_we_lack_is_a_difference(make, tmp_path):
    files = package_files()
    extra = '<pattern><rule context="xs:*|*:entity"><assert id="YENI-1" test="*:yok">[red]Yeni' \
        " kural</assert></rule></pattern></schema>"  # fmt: skip
    text = files[RULES_Y].decode().replace("</schema>", extra)
    opinion = opinion_on(tmp_path, document(Kind.Y), make({**files, RULES_Y: text.encode()}))
    (pair,) = opinion.differences
    assert pair.ours is None
    assert pair.official.assertion == "YENI-1"
    assert pair.official.samples[0].text == "[red]Yeni kural"


@pytest.mark.parametrize("ids", [True, False])
def test_the_same_number_at_other_places_is_a_difference(ids, make, tmp_path):
    """Both complain about two lines, but not about the same two."""
    data = lines_apart(spoiled(Kind.Y, drop("//gl-cor:entryHeader[1]//" + COUNTER)))
    files = package_files(ids=ids)
    text, changed = re.subn(
        r'test="(gl-cor:lineNumberCounter)"',
        r'test="not(\1) or ../following-sibling::gl-cor:entryHeader"',
        files[RULES_Y].decode(),
    )
    assert changed == 1
    opinion = opinion_on(tmp_path, data, make({**files, RULES_Y: text.encode()}))
    assert opinion.differs
    if ids:
        (pair,) = opinion.differences
        assert pair.official.count == pair.ours.count == 2
        theirs, ours = one_sided_lines(pair)
        assert len(theirs) == len(ours) == 2
        assert max(ours) < min(theirs)
    else:
        assert [bool(pair.official) for pair in opinion.differences].count(True) == 1


def test_another_schema_is_a_difference(make, tmp_path):
    files = package_files()
    main = files["xsd/edefter.xsd"]
    files["xsd/edefter.xsd"] = re.sub(
        rb'<xs:element name="defter"', rb'<xs:element name="defterx"', main
    )
    opinion = opinion_on(tmp_path, document(Kind.Y), make(files))
    assert (opinion.official.schema.outcome, opinion.schema) == ("invalid", "valid")
    assert opinion.official.schema.messages[0][0] == 2
    assert opinion.differs
    assert opinion.rules_agree


def test_an_engine_that_stops_on_both_sides_agrees(package, tmp_path):
    two = spoiled(Kind.Y, put("//gl-cor:amount", "yüz"))
    opinion = opinion_on(tmp_path, two, package)
    assert opinion.official.rules.outcome == opinion.rules == "engine-error"
    assert "yüz" in opinion.official.rules.detail
    assert opinion.agrees


def test_an_engine_that_stops_on_one_side_differs(make, tmp_path):
    files = package_files()
    text = files[RULES_Y].decode().replace(f'test="{COUNTER}"', "test=\"xs:date('yarın')\"")
    opinion = opinion_on(tmp_path, document(Kind.Y), make({**files, RULES_Y: text.encode()}))
    assert (opinion.official.rules.outcome, opinion.rules) == ("engine-error", "judged")
    assert opinion.differs
    assert opinion.schema_agrees


@pytest.mark.parametrize(
    "data",
    [b"", b"<a>", b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", b"%PDF-1.7", b"<a>\x00</a>"],
)
def test_what_is_no_plain_xml_is_refused_by_both(data, package, tmp_path):
    opinion = opinion_on(tmp_path, data, package)
    assert opinion.official.rules.outcome in ("not-well-formed", "dtd")
    assert opinion.agrees


def test_a_document_that_neither_side_reads_to_its_end_is_not_compared(package, tmp_path):
    opinion = opinion_on(tmp_path, b"<a>" * 100_000, package)
    assert opinion.official.rules.outcome == opinion.rules == "limit"
    assert not opinion.agrees
    assert not opinion.differs


@pytest.mark.parametrize("encoding", ["UTF-16", "ISO-8859-9", "windows-1254"])
def test_other_encodings(encoding, package, tmp_path):
    text = document(Kind.Y).decode().replace("UTF-8", encoding, 1)
    opinion = opinion_on(tmp_path, text.encode(encoding), package)
    assert opinion.agrees
    assert opinion.official.rules.outcome == "judged"


def test_only_the_name_of_the_file_counts_not_its_folder(package, tmp_path):
    folder = tmp_path / FILE[Kind.Y].removesuffix(".xml")
    folder.mkdir()
    path, _ = stored(folder, document(Kind.Y), "defter.xml")
    with path.open("rb") as stream:
        report = validate(stream, path.name, kind=Kind.Y)
    opinion = second_opinion(path, report, package)
    assert {pair.official.assertion for pair in opinion.pairs} == {"Y-CTX-07", "Y-INF-12"}
    assert opinion.agrees


def test_a_package_without_rules_for_the_kind(make, tmp_path):
    opinion = opinion_on(tmp_path, document(Kind.EB), make(package_files(families="Y K")), Kind.EB)
    assert opinion.schema_agrees
    assert opinion.official.rules.outcome == "absent"
    assert not opinion.agrees
    assert not opinion.differs


def test_a_document_of_unknown_kind_has_only_its_schema_judged(package, tmp_path):
    path, report = stored(tmp_path, b"<a/>", "a.xml")
    opinion = second_opinion(path, report, package)
    assert report.kind is None
    assert opinion.official.rules.outcome == "no-kind"
    assert opinion.schema_agrees


def test_compiled_rules_as_in_2015(make, tmp_path):
    files = package_files(families="K")
    files["xslt/edefter_yevmiye.xsl"] = SVRL_YEVMIYE
    package = make(files)
    assert package.rules["Y"] == "xslt/edefter_yevmiye.xsl"
    data = lines_apart(spoiled(Kind.Y, drop(LINE_COUNTER)))
    verdict = judge(package, Kind.Y, stored(tmp_path, data)[0])
    (assertion,) = verdict.rules.assertions
    assert (assertion.assertion, assertion.count) == (COUNTER, data.count(b"<gl-cor:entryDetail>"))
    assert assertion.samples[0].text.startswith("Madde numarası zorunlu")
    opinion = second_opinion(*stored(tmp_path, data), package)
    assert [pair.ours.rule for pair in opinion.pairs if pair.agrees] == ["Y-DET-03"]


def test_a_large_document_is_refused_with_a_sentence(package, tmp_path):
    path, report = stored(tmp_path, document(Kind.Y))
    small = Limits(document_bytes=path.stat().st_size - 1)
    with pytest.raises(DataError) as refused:
        second_opinion(path, report, package, limits=small)
    assert path.name in refused.value.text()
    assert "küçük" in refused.value.remedy()


# The process and its limits


def evil(make: Make, sheet: str) -> OfficialPackage:
    files = package_files(families="K")
    # A stylesheet counts as rules when it may give out SVRL.
    sheet = sheet.replace("</xsl:stylesheet>", SVRL_TAIL + "</xsl:stylesheet>")
    files["xslt/edefter_yevmiye.xslt"] = sheet.encode()
    package = make(files)
    assert package.rules["Y"] == "xslt/edefter_yevmiye.xslt"
    return package


SVRL_TAIL = (
    '<xsl:template name="svrl"><s:failed-assert xmlns:s="http://purl.oclc.org/dsdl/svrl"/>'
    "</xsl:template>"
)
RECURSION = whole(
    '<xsl:function name="o:f"><xsl:param name="n"/>'
    '<xsl:sequence select="1 + o:f($n + 1) * o:f($n + 2)"/></xsl:function>'
    '<xsl:template match="/"><o><xsl:value-of select="o:f(1)"/></o></xsl:template>'
)
LOOP = template('<xsl:value-of select="sum(for $a in 1 to 9999999, $b in 1 to 9999999 return 1)"/>')
GLUTTON = template(
    '<xsl:variable name="x" select="for $a in 1 to 99999999 return string($a)"/>'
    '<xsl:value-of select="$x[last()], count(distinct-values($x))"/>'
)
FLOOD = """<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
  xmlns:svrl="http://purl.oclc.org/dsdl/svrl"><xsl:template match="/"><svrl:schematron-output>
  <xsl:for-each select="1 to 3000"><svrl:failed-assert location="/*" test="t{.}"><svrl:text>
  <xsl:value-of select="for $i in 1 to 200 return 'abcdef'"/></svrl:text></svrl:failed-assert>
  </xsl:for-each></svrl:schematron-output></xsl:template></xsl:stylesheet>"""


@pytest.fixture
def processes(monkeypatch) -> list[subprocess.Popen]:
    """The processes that were started; all must be gone and their folders too."""
    started: list[subprocess.Popen] = []

    class Watched(subprocess.Popen):
        def __init__(self, *args, **more):
            super().__init__(*args, **more)
            self.folder = Path(more["cwd"])
            started.append(self)

    monkeypatch.setattr(runner.subprocess, "Popen", Watched)
    yield started
    assert started
    for process in started:
        assert process.returncode is not None
        assert not process.folder.exists()


@pytest.mark.parametrize(
    ("sheet", "outcomes"),
    [
        (LOOP, {"timeout"}),
        (RECURSION, {"engine-error", "crashed", "timeout"}),
        (GLUTTON, {"engine-error", "crashed", "memory", "timeout"}),
        (FLOOD, {"too-long"}),
        (template("x"), {"not-understood"}),
        (template("<xsl:yok/>").replace("xsl:yok", "xsl:sort"), {"unusable"}),
        (template('<xsl:value-of select="$yok"/>'), {"unusable"}),
    ],
    ids=["endless", "recursion", "memory", "flood", "no svrl", "misplaced", "undefined"],
)
def test_rules_that_run_wild_are_ended(sheet, outcomes, make, processes, tmp_path):
    wall_s = 3 if outcomes == {"timeout"} else 60
    limits = Limits(wall_s=wall_s, memory_bytes=800_000_000, answer_bytes=2_000_000)
    begin = time.monotonic()
    opinion = opinion_on(tmp_path, document(Kind.Y), evil(make, sheet), limits=limits)
    assert time.monotonic() - begin < wall_s + 15
    assert opinion.official.rules.outcome in outcomes
    assert not opinion.rules_judged or opinion.differs
    if "too-long" not in outcomes:
        assert opinion.official.schema.outcome == "valid"  # that part was told before


def test_a_worker_that_is_shot_counts_as_crashed(package, processes, monkeypatch, tmp_path):
    feed = runner._feed

    def shoot(process, request):
        process.send_signal(signal.SIGSEGV)
        feed(process, request)

    monkeypatch.setattr(runner, "_feed", shoot)
    opinion = opinion_on(tmp_path, document(Kind.Y), package)
    assert opinion.official.schema.outcome == opinion.official.rules.outcome == "crashed"
    assert not opinion.agrees
    assert not opinion.differs


def test_a_worker_that_talks_nonsense_counts_as_crashed(package, monkeypatch, tmp_path):
    listen = runner._listen

    def garbled(process, deadline, limit):
        data, death = listen(process, deadline, limit)
        return data.replace(b'"count": 1', b'"count": []').replace(b"valid", b"\xff"), death

    monkeypatch.setattr(runner, "_listen", garbled)
    opinion = opinion_on(tmp_path, document(Kind.Y), package)
    assert opinion.official.schema.outcome == "crashed"
    assert opinion.official.rules.outcome == "crashed"


@pytest.mark.parametrize("name", ["doc", "result-document", "own function", "shadow attribute"])
def test_rules_that_want_more_are_not_run(name, make, tmp_path):
    opinion = opinion_on(tmp_path, document(Kind.Y), evil(make, ATTACKS[name]))
    assert opinion.official.rules.outcome == "refused"
    assert "line" in opinion.official.rules.detail
    assert opinion.schema_agrees
    assert not opinion.agrees


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/x.xsd", "file:///etc/hosts", "../../../etc/hosts", "/etc/hosts"]
)
def test_schemas_come_from_the_package_alone(address, make, tmp_path):
    files = package_files()
    main = files["xsd/edefter.xsd"]
    files["xsd/edefter.xsd"] = main.replace(b'"defterek.xsd"', f'"{address}"'.encode())
    opinion = opinion_on(tmp_path, document(Kind.Y), make(files))
    assert opinion.official.schema.outcome == "unusable"
    assert address.rpartition("/")[2] in opinion.official.schema.detail
    assert opinion.rules_agree


def test_schemas_in_folders_and_by_the_addresses_of_w3c(make, tmp_path):
    files = package_files()
    files["xsd/w3c/xmldsig-core-schema.xsd"] = files.pop("xsd/xmldsig-core-schema.xsd")
    files["ortak/gl/gl-muc.xsd"] = files.pop("xsd/gl-muc.xsd").replace(
        b'"xbrli.xsd"', b'"../../xsd/xbrli.xsd"'
    )
    files = {
        name: data.replace(b'"gl-muc.xsd"', b'"../ortak/gl/gl-muc.xsd"').replace(
            b'"signxml:xmldsig', b'"http://www.w3.org/TR/xmldsig-core/xmldsig'
        )
        for name, data in files.items()
    }
    assert opinion_on(tmp_path, document(Kind.Y), make(files)).agrees


def test_without_the_extra_there_is_a_remedy(package, monkeypatch, tmp_path):
    monkeypatch.setattr(runner, "find_spec", lambda name: None)
    with pytest.raises(ConfigError) as missing:
        opinion_on(tmp_path, document(Kind.Y), package)
    assert 'pip install "edefter[second-opinion]"' in missing.value.remedy()


def test_where_processes_cannot_be_limited_nothing_is_run(package, monkeypatch, tmp_path):
    monkeypatch.setattr(runner, "AVAILABLE", False)
    with pytest.raises(ConfigError, match="no_limits"):
        opinion_on(tmp_path, document(Kind.Y), package)


def test_a_kept_package_that_was_changed_is_not_run(make, tmp_path):
    package = make(package_files())
    package.path.write_bytes(package.path.read_bytes() + b" ")
    with pytest.raises(ConfigError, match="changed"):
        opinion_on(tmp_path, document(Kind.Y), package)


def test_the_rules_alone_are_timed(package, make, tmp_path):
    path, _ = stored(tmp_path, document(Kind.Y))
    assert 0 < time_rules(package, Kind.Y, path) < 5
    assert time_rules(evil(make, LOOP), Kind.Y, path, timeout_s=2) == float("inf")
    with pytest.raises(ConfigError, match="no_time"):
        time_rules(evil(make, ATTACKS["doc"]), Kind.Y, path)


# What the user sees


def printed(folder: Path, data: bytes, package: OfficialPackage, name: str = FILE[Kind.Y]) -> str:
    path, report = stored(folder, data, name)
    screen = Console(file=io.StringIO(), width=400, highlight=False, soft_wrap=True)
    print_second_opinion(screen, path, report, package.path.parent, package.sha256[:8])
    return screen.file.getvalue()


def test_agreement_is_shown_with_both_texts(nameless, tmp_path):
    text = printed(tmp_path, lines_apart(spoiled(Kind.Y, drop(LINE_COUNTER))), nameless)
    assert nameless.sha256[:12] in text
    assert "Şema: iki taraf da “geçerli” diyor" in text
    assert "iki taraf da aynı 1 kuralı aynı 4 yerde bildiriyor" in text
    assert "Y-DET-03, 4 yerde" in text
    assert re.search(r"resmî: kural \d+\.1\.\d+, 4 yerde", text)


def test_differences_are_shown_and_texts_of_a_package_are_no_markup(make, tmp_path):
    files = package_files()
    extra = (
        '<pattern><rule context="*:entity"><assert id="[/bold]" test="*:yok">[red]Yeni&#x9b;31m'
        "</assert></rule></pattern></schema>"
    )
    text = files[RULES_Y].decode().replace("</schema>", extra)
    package = make({**files, RULES_Y: text.encode()})
    shown = printed(tmp_path, document(Kind.Y), package)
    assert "Kurallar FARKLI: 1 fark" in shown
    assert "yalnızca resmî pakette" in shown
    assert "[/bold], 1 yerde: [red]Yeni\\x9b31m" in shown
    assert "/edefter:defter/xbrli:xbrl/xbrli:context/xbrli:entity" in shown


def test_texts_can_be_left_out(make, tmp_path):
    """A message of the rules may quote the document."""
    files = package_files()
    extra = (
        '<pattern><rule context="*:organizationIdentifier"><assert test="false()">'
        '<value-of select="."/></assert></rule></pattern></schema>'
    )
    text = files[RULES_Y].decode().replace("</schema>", extra)
    package = make({**files, RULES_Y: text.encode()})
    stops = spoiled(Kind.Y, put("//gl-cor:amount", "Gizli Şahıs"))
    for data, secret in ((document(Kind.Y), "Çınar"), (stops, "Gizli Şahıs")):
        path, report = stored(tmp_path, data)
        shown = [io.StringIO(), io.StringIO()]
        for each, texts in zip(shown, (True, False), strict=True):
            screen = Console(file=each, width=400, highlight=False, soft_wrap=True)
            opinion = print_second_opinion(
                screen, path, report, package.path.parent, package.sha256, texts=texts
            )
            each.write(json.dumps(plain_opinion(opinion, texts=texts), ensure_ascii=False))
        assert secret in shown[0].getvalue()
        assert secret not in shown[1].getvalue()


def test_an_opinion_as_json_has_both_sides(package, tmp_path):
    plain = plain_opinion(opinion_on(tmp_path, spoiled(Kind.Y, drop(LINE_COUNTER)), package))
    assert plain["rules"]["agrees"] is True
    (pair,) = plain["rules"]["pairs"]
    assert pair["official"]["elements"] == ["gl-cor:entryDetail"]
    assert pair["ours"]["rule"] == pair["official"]["assertion"] == "Y-DET-03"
