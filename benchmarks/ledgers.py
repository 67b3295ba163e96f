"""Ledgers for measuring, written by the product itself from the seeded generator, and spoiled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from edefter.ledger.build import build_parts
from edefter.ledger.head import LedgerHead
from edefter.model.company import Accountant, Address, Company
from edefter.model.documents import UNDIVIDED
from edefter.model.files import Counters, LedgerPart
from edefter.model.finding import FindingLog
from edefter.model.identity import TaxId
from edefter.model.journal import JournalBatch
from edefter.model.period import Period
from edefter.sandbox.generate import generate
from edefter.sandbox.pki import SandboxPki
from edefter.signature.seals.pkcs12 import Pkcs12Seal
from edefter.signature.sign import sign_file

PERIOD = Period(2026, 1)
LINE_BYTES = 1_575  # of the generator's yevmiye


def company() -> Company:
    """An invented taxpayer with a test number."""
    return Company(
        code="olcum",
        tax_id=TaxId("1234567808"),
        title="Örnek Züccaciye ve Şişe Sanayi Anonim Şirketi",
        address=Address(
            building_number="12/3", street="Çiğdem Sokağı", city="İstanbul", postal_code="34460"
        ),
        phone="2165550100",
        email="muhasebe@ornek.invalid",
        nace="46.44.01",
        edefter_start=PERIOD,
        website="https://www.ornek.invalid",
        accountants=(Accountant(name="SMMM Gülşah Işık", engagement="-"),),
        creator="İrem Şahin",
    )


def head() -> LedgerHead:
    """Head of the whole month."""
    return LedgerHead(
        company=company(),
        branch=None,
        period=PERIOD,
        part=UNDIVIDED,
        first_day=PERIOD.first_day,
        last_day=PERIOD.last_day,
        creation_date=date(2026, 2, 2),
        source_application="1234567808##Örnek Yazılım##edefter##0.1.0",
    )


def build(lines: int, folder: Path, *, seed: int = 1, vouchers: int = 0) -> LedgerPart:
    """Yevmiye and kebir of one month, unsigned.

    Args:
        lines: length of the journal, if `vouchers` does not end it before.
        folder: takes the two files.
        seed: of the generator.
        vouchers: the first so many only; 0 = all.

    Raises:
        RuntimeError: the generated rows have findings (a defect of the generator).
    """
    findings = FindingLog()
    batches = generate(lines, seed=seed, period=PERIOD)
    parts = build_parts(
        _first(batches, vouchers) if vouchers else batches,
        head(),
        before=Counters(),
        numbering="assign",
        folder=folder,
        findings=findings,
        most_bytes=None,
    )
    if parts is None:
        raise RuntimeError(f"generated rows have findings: {dict(findings.counts)}")
    return parts[0]


def _first(batches: Iterator[JournalBatch], vouchers: int) -> Iterator[JournalBatch]:
    for batch in batches:
        frame = batch.frame.filter(pl.col("entry_key").cast(pl.Int64) <= vouchers)
        if not frame.height:
            return
        yield JournalBatch(frame)


def sign(part: LedgerPart, folder: Path) -> Path:
    """The signed yevmiye, with a throw-away seal of the sandbox."""
    pki = SandboxPki(folder / "pki")
    seal_file = pki.issue_seal("1234567808", company().title)
    seal = Pkcs12Seal("olcum", seal_file.path, seal_file.password)
    target = folder / "signed"
    target.mkdir(exist_ok=True)
    return sign_file(part.yevmiye, target, seal, signing_time=datetime.now(UTC)).file.path


_TAG = re.compile(rb"<(/?)(gl-\w+)(?=:)|xmlns:(gl-\w+)(?==)")
_PREFIXES = {b"gl-cor": b"c", b"gl-bus": b"bus2", b"gl-muc": b"m.m", b"gl-plt": b"p"}
_AMOUNT = re.compile(rb"(<gl-cor:amount [^>]*>)[0-9]+\.[0-9]+")
_SUB = re.compile(rb"(<gl-cor:accountSubID [^>]*>)")
_NUMBER = re.compile(rb"(<gl-cor:lineNumber [^>]*>)([0-9]+)")
_COUNTER = re.compile(rb"(<gl-cor:(?:entryNumberCounter|lineNumberCounter) [^>]*>)([0-9]+)")


def _wrong_values(line: bytes) -> bytes:
    """Sub-account of another main account, posting date of another month: rules object."""
    line = _SUB.sub(rb"\g<1>9", line)
    return line.replace(b"postingDate contextRef=\"journal_context\">2026-01",
                        b"postingDate contextRef=\"journal_context\">2025-01")  # fmt: skip


def _wrong_texts(line: bytes) -> bytes:
    """A comma in every amount: the schema objects, and the rules."""
    return _AMOUNT.sub(rb"\g<1>12,5", line)


def _misnumbered(line: bytes) -> bytes:
    """No number is followed by the next one, and all go backwards."""
    line = _NUMBER.sub(lambda m: m[1] + str(20_000_000 - 2 * int(m[2])).encode(), line)
    return _COUNTER.sub(lambda m: m[1] + str(20_000_000 - 2 * int(m[2])).encode(), line)


def _indented(line: bytes) -> bytes:
    """Another program's way of writing: its own prefixes, one element a line."""
    line = _TAG.sub(
        lambda m: b"xmlns:" + _PREFIXES[m[3]] if m[3] else b"<" + m[1] + _PREFIXES[m[2]], line
    )
    return line.replace(b"><", b">\n        <")


DISGUISES: dict[str, Callable[[bytes], bytes]] = {
    "wrong values in every line": _wrong_values,
    "wrong texts in every line": _wrong_texts,
    "misnumbered throughout": _misnumbered,
    "indented, other prefixes": _indented,
}


def disguised(source: Path, name: str, folder: Path) -> Path:
    """A copy of a ledger of ours, changed line by line."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / source.name
    change = DISGUISES[name]
    with source.open("rb") as lines, target.open("wb") as out:
        for line in lines:
            out.write(change(line))
    return target
