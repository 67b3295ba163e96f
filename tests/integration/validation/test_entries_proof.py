"""A ledger that was judged before signing is judged as a signed file without its entries again."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.ledgers import build
from edefter.model.documents import Kind
from edefter.model.files import LedgerPart, StoredFile
from edefter.sandbox.pki import SandboxPki
from edefter.signature.seals.pkcs12 import Pkcs12Seal
from edefter.signature.sign import sign_file
from edefter.validation import Report, validate
from edefter.validation.judging.engine import Engine
from edefter.validation.rule import Context, rules_for
from edefter.validation.sets.readings import Readings, read
from edefter.xmlsig.scan import NotCanonical, scan_stream

KINDS = {Kind.Y: "yevmiye", Kind.K: "kebir"}


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> dict[Kind, tuple[Path, Path]]:
    """Of each kind the unsigned and the signed file."""
    folder = tmp_path_factory.mktemp("ledgers")
    part: LedgerPart = build(900, folder, seed=3)
    made = SandboxPki(folder / "pki").issue_seal("1234567808", "TEST")
    seal = Pkcs12Seal("test", made.path, made.password)
    (folder / "signed").mkdir()
    files = {}
    for kind, name in KINDS.items():
        unsigned: StoredFile = getattr(part, name)
        signed = sign_file(unsigned, folder / "signed", seal, signing_time=datetime.now(UTC))
        files[kind] = (unsigned.path, signed.file.path)
    return files


def judge(content: bytes, name: str, **options: object) -> Report:
    return validate(io.BytesIO(content), name, own=True, gather=True, **options)  # type: ignore[arg-type]


def same(one: Report, other: Report) -> bool:
    """Whether two verdicts agree in everything."""
    names = ("name", "kind", "evaluated", "well_formed", "schema_valid", "facts")
    return (
        list(one.findings) == list(other.findings)
        and one.findings.counts == other.findings.counts
        and all(getattr(one, name) == getattr(other, name) for name in names)
    )


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many lines the engine was told of, run by run."""
    lines: list[int] = []
    for name in ("take_entries", "take_lines"):
        original = getattr(Engine, name)

        def told(self: Engine, where: object, run: object, original=original) -> None:
            lines.append(run.lines)  # type: ignore[attr-defined]
            original(self, where, run)

        monkeypatch.setattr(Engine, name, told)
    return lines


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_verdict_without_a_second_look(
    ledgers: dict[Kind, tuple[Path, Path]], looked_at: list[int], kind: Kind
) -> None:
    unsigned, signed = ledgers[kind]
    proof = judge(unsigned.read_bytes(), unsigned.name, signed=False).proof
    assert proof is not None and sum(looked_at) > 400
    looked_at.clear()
    quick = judge(signed.read_bytes(), signed.name, proof=proof)
    assert sum(looked_at) < 400, "only what stands before the first safe place"
    slow = judge(signed.read_bytes(), signed.name)
    assert same(quick, slow) and quick.ok and not quick.findings.total
    assert quick.reading is not None and slow.reading is not None
    assert not quick.reading.lines.differing(slow.reading.lines)
    assert quick.reading.turnovers == slow.reading.turnovers


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("where", [0.3, 0.9, "tail", "cut"])
def test_a_changed_file_is_judged_anew(
    ledgers: dict[Kind, tuple[Path, Path]], kind: Kind, where: float | str
) -> None:
    unsigned, signed = ledgers[kind]
    proof = judge(unsigned.read_bytes(), unsigned.name, signed=False).proof
    data = bytearray(signed.read_bytes())
    if where == "cut":
        del data[len(data) * 2 // 3 :]
    elif where == "tail":
        data = data.replace(b"<ds:SignatureValue", b"<ds:SignatureValu ", 1)
    else:
        at = data.index(b"<gl-cor:debitCreditCode", int(len(data) * float(where)))
        at = data.index(b">", at) + 1
        data[at : at + 1] = b"X"
    quick = judge(bytes(data), signed.name, proof=proof)
    slow = judge(bytes(data), signed.name)
    assert same(quick, slow) and not quick.ok
    assert dict(quick.findings.counts) == dict(slow.findings.counts)
    assert [f.place for f in quick.findings] == [f.place for f in slow.findings]


def test_a_proof_of_another_file_is_worth_nothing(
    ledgers: dict[Kind, tuple[Path, Path]], looked_at: list[int]
) -> None:
    unsigned, signed = ledgers[Kind.Y]
    proof = judge(unsigned.read_bytes(), unsigned.name, signed=False).proof
    other = signed.name.replace("202601", "202602")
    looked_at.clear()
    data = signed.read_bytes()
    assert same(judge(data, other, proof=proof), judge(data, other))
    assert sum(looked_at) > 1000
    longer = data.replace(b"<gl-cor:entryHeader>", b"<gl-cor:entryHeader>\n", 1)
    assert same(judge(longer, signed.name, proof=proof), judge(longer, signed.name))


@pytest.mark.parametrize("family", ["Y", "K"])
def test_no_rule_about_entries_waits_for_the_signature(family: str) -> None:
    """Else entries that were judged without it would have to be judged again with it."""
    unsigned, signed = rules_for(family, signed=False), rules_for(family, signed=True)
    more = {context for context in Context if unsigned[context] != signed[context]}
    entries = {
        Context.HEADER, Context.DETAIL, Context.MEASURABLE, Context.COUNTER_STEP,
        Context.DATE_STEP, Context.LINE_STEP,
    }  # fmt: skip
    assert more and not more & entries


def test_a_ledger_with_a_finding_proves_nothing(ledgers: dict[Kind, tuple[Path, Path]]) -> None:
    unsigned, _ = ledgers[Kind.Y]
    code = b"</gl-cor:debitCreditCode"
    wrong = unsigned.read_bytes().replace(b">D" + code, b">C" + code, 1)
    report = judge(wrong, unsigned.name, signed=False)
    assert report.findings.total and report.proof is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fast", [True, False])
def test_what_is_gathered_is_what_reading_gives(
    ledgers: dict[Kind, tuple[Path, Path]], kind: Kind, fast: bool
) -> None:
    _, signed = ledgers[kind]
    gathered = judge(signed.read_bytes(), signed.name, fast=fast).reading
    alone = read(signed)
    assert gathered is not None
    assert not gathered.lines.differing(alone.lines)
    assert gathered.turnovers == alone.turnovers and gathered.entries == alone.entries
    readings = Readings()
    readings.put(signed, gathered)
    assert readings.of(signed) is gathered


def _in_some_texts(before: bytes, after: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        parts = data.split(before)
        return b"".join(
            part + (after if at % 7 == 3 else before) for at, part in enumerate(parts[:-1])
        ) + parts[-1]  # fmt: skip

    return change


# A voucher's comment occurs in many lines; no rule and no schema minds these spellings.
CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "as it was": lambda data: data,
    "a reference": _in_some_texts(b" fatura", b"&quot;fatura"),
    "an apostrophe": _in_some_texts(b" fatura", b"&apos;fatura"),
    "an ampersand": _in_some_texts(b" fatura", b"&amp;fatura"),
    "a raw bracket": _in_some_texts(b" fatura", b">fatura"),
    "a character by number": _in_some_texts(b" fatura", b"&#32;fatura"),
    "line ends": lambda data: data.replace(b"\n<gl-cor:entryDetail>", b"\r\n<gl-cor:entryDetail>"),
    "indented": lambda data: data.replace(b"\n<gl-cor:entryDetail>", b"\n\t <gl-cor:entryDetail>"),
    "a blank in tags": lambda data: data.replace(b"</gl-cor:amount>", b"</gl-cor:amount >"),
    "quotes": lambda data: re.sub(rb"contextRef=\"(\w+)\"", rb"contextRef='\1'", data),
    "order of attributes": lambda data: data.replace(
        b' decimals="INF" unitRef="try"', b' unitRef="try" decimals="INF"'
    ),
    "a comment in the head": lambda data: data.replace(b"<xbrli:unit", b"<!-- x --><xbrli:unit", 1),
    "a comment far inside": _in_some_texts(
        b"</gl-cor:entryDetail>", b"</gl-cor:entryDetail><!---->"
    ),
    "an empty element": lambda data: re.sub(
        rb"<gl-cor:detailComment[^>]*>[^<]*</gl-cor:detailComment>", b"", data, count=3
    ),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("kind", KINDS)
def test_canonical_is_what_the_verifier_calls_so(
    ledgers: dict[Kind, tuple[Path, Path]], kind: Kind, name: str
) -> None:
    unsigned, _ = ledgers[kind]
    data = CHANGES[name](unsigned.read_bytes())
    try:
        scan_stream(io.BytesIO(data))
        canonical = True
    except NotCanonical:
        canonical = False
    proof = judge(data, unsigned.name, signed=False).proof
    if proof is None:
        assert name != "as it was"  # a finding, or read by the parser to its end
    else:
        assert proof.canonical is canonical
        assert data.startswith(b"<?xml") and proof.size_bytes < len(data)


def test_spellings_that_rules_do_not_mind_are_met_by_the_watch(
    ledgers: dict[Kind, tuple[Path, Path]],
) -> None:
    """The test above must not be satisfied by proofs that are never given."""
    unsigned, _ = ledgers[Kind.Y]
    given = {}
    for name, change in CHANGES.items():
        proof = judge(change(unsigned.read_bytes()), unsigned.name, signed=False).proof
        given[name] = proof.canonical if proof else None
    assert given["as it was"] and given["an ampersand"] and given["indented"]
    for name in ("a reference", "a raw bracket", "line ends", "quotes", "order of attributes"):
        assert given[name] is False, name
