"""Where fuzzing begins: our own documents, and the published conformance cases when present."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.conformance import DEFAULT_CASES, documents
from benchmarks.fuzzing.frame import KINDS, OWN, TARGETS, Frame
from benchmarks.ledgers import build
from edefter.model.documents import Kind
from edefter.model.finding import Layer
from edefter.validation.rule import all_rules
from tests.support import hostile
from tests.unit.validation.documents import FILE, Writer, document, journal, spoiled
from tests.unit.validation.spoilers import DEAD, kind_for, spoiler

MAX_BYTES = 64 * 1024
_PROLOG, _PAIR, _BERAT, _ZIP = (TARGETS.index(name) for name in ("prolog", "pair", "berat", "zip"))
_LEDGER_OF = {Kind.YB: Kind.Y, Kind.KB: Kind.K, Kind.EB: Kind.E}


def seeds(count: int, seed: int) -> list[bytes]:
    """The inputs to begin with.

    Args:
        count: at most so many (≥ 1); the plain documents are always among them.
        seed: chooses which of the others.
    """
    first = list(_plain())
    rest = [*_odd(), *_published()]
    random.Random(seed).shuffle(rest)  # noqa: S311 - a choice of tests
    packed = [frame.pack() for frame in (*first, *rest)]
    return [data for data in packed if len(data) <= MAX_BYTES][:count]


def _plain() -> Iterator[Frame]:
    for target, kind in enumerate(KINDS):
        yield Frame(target, 0, document(kind))
        yield Frame(target, OWN, document(kind, signed=False))
    yield Frame(0, 0, b"".join(journal(8)))
    yield Frame(0, 0, b"".join(journal(8)).replace(b"><", b">\n  <"))
    yield Frame(1, 0, _kebir(3, 8))
    with TemporaryDirectory() as folder:
        part = build(30, Path(folder))
        yield Frame(0, 0, part.yevmiye.path.read_bytes())
        yield Frame(1, 0, part.kebir.path.read_bytes())
    yield Frame(_PROLOG, 0, document(Kind.Y)[:1500])
    yield Frame(_PAIR, 0, document(Kind.Y), document(Kind.K))
    for berat, ledger in _LEDGER_OF.items():
        yield Frame(_BERAT, 0, document(berat), document(ledger))
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        yield Frame(_ZIP, 0, _zip(method))


def _kebir(accounts: int, lines: int) -> bytes:
    writer = Writer(Kind.K)
    text, number = "", 0
    for account in range(accounts):
        rows = []
        for _ in range(lines):
            number += 1
            rows.append((number, number, "DC"[number % 2], f"{number}.50"))
        text += writer.account(f"{100 + account}", rows)
    return (writer.start() + text + writer.end()).encode()


def _zip(method: int) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr(FILE[Kind.Y], document(Kind.Y))
        archive.writestr(f"ay/{FILE[Kind.K]}", document(Kind.K))
        archive.writestr("Beni Oku.txt", "ş")
    return stream.getvalue()


def _odd() -> Iterator[Frame]:
    for rule in all_rules():
        for family in rule.families:
            if rule.layer is Layer.OFFICIAL and rule.name not in DEAD:
                kind = kind_for(family, rule.name)
                content = spoiled(kind, spoiler(family, rule.name))
                yield Frame(KINDS.index(kind), 0, content)
    for name, case in hostile.CASES.items():
        # The heaps are judged by tests of their own; here they would only take time.
        if not name.startswith(("heap", "quadratic", "attachment", "prolog")):
            made = case.make()
            if isinstance(made, bytes):
                yield Frame(0, 0, made)
    for name, content in hostile.references("http://127.0.0.1:9/a"):
        if "hidden" not in name:
            yield Frame(0, 0, content)


def _published() -> Iterator[Frame]:
    if not (DEFAULT_CASES / "cases.tar.gz").exists():
        return
    for name, content in documents(DEFAULT_CASES):
        kind = Kind(Path(name).parts[0])
        yield Frame(KINDS.index(kind), 0, content)
