"""A ledger that was judged before signing is judged as a signed file without its entries again."""

from __future__ import annotations

import io
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
from edefter.validation.sets.readings import Readings, read

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
@pytest.mark.parametrize("where", [0.3, 0.9, "tail"])
def test_a_changed_file_is_judged_anew(
    ledgers: dict[Kind, tuple[Path, Path]], kind: Kind, where: float | str
) -> None:
    unsigned, signed = ledgers[kind]
    proof = judge(unsigned.read_bytes(), unsigned.name, signed=False).proof
    data = bytearray(signed.read_bytes())
    if where == "tail":
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
