"""Documents nobody has shown us: conformance cases and our own documents, changed at random.

`mutant` gives the same document for the same sources, seed and number, so that a disagreement found
on another day can be looked at again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from lxml import etree

from benchmarks.conformance import documents
from benchmarks.ledgers import build
from edefter.model.documents import Kind
from edefter.model.finding import Layer
from edefter.validation.names import COR
from edefter.validation.rule import all_rules
from tests.support.ledger_spoilers import DISGUISES, SPOILERS, spoil
from tests.support.mutations import MUTATIONS, Element
from tests.unit.validation import spoilers
from tests.unit.validation.documents import FILE, document, spoiled

_KINDS = list(Kind)
_LONG_LINES = 120


@dataclass(frozen=True, slots=True)
class Mutant:
    """A document with the kind whose rules are applied and what was done to it."""

    content: bytes
    name: str
    kind: Kind
    made: str


@dataclass(frozen=True, slots=True)
class Source:
    """A document before it is changed."""

    content: bytes
    name: str
    kind: Kind
    is_long: bool = False


def _file_name(name: str, root: Element, random: Random) -> str:
    choice = random.randrange(9)
    if choice == 0:
        return "GIB-" + name
    if choice == 1:
        return name.lower()
    if choice == 2:
        return name.replace("-000000", random.choice(["-000001", "-0000000", "-000000-0001", ""]))
    if choice == 3:
        return re.sub(r"-\d{6}-", random.choice(["-202601-", "-NaN-", "-99901-", "-203001-"]), name)
    if choice == 4:
        return re.sub(r"^\d+", random.choice(["1234567808", "", "9", "01234567808"]), name)
    if choice == 5:
        return re.sub(r"-[A-Z]+-", f"-{random.choice(_KINDS)}-", name)
    if choice == 6:
        return random.choice(["a.xml", "-.xml", "Y-000000.xml", "defter-NaN-.xml", "E-000000"])
    starts = root.findall(f".//{{{COR}}}periodCoveredStart")
    if choice == 7 and starts and re.fullmatch("[\\w.+-]*", starts[0].text or "", re.ASCII):
        text = starts[0].text or ""
        return f"1234567808-{text[:4]}{text[5:7]}-Y-000000.xml"
    return name


def _serialised(root: Element, random: Random) -> bytes:
    choice = random.randrange(20)
    encoding = "UTF-8"
    if choice == 0:
        encoding = random.choice(["UTF-16", "ISO-8859-9", "US-ASCII"])
    elif choice == 1:
        etree.indent(root)
    content = etree.tostring(root, encoding=encoding, xml_declaration=True)
    if choice == 2:  # one text as CDATA
        spots = list(re.finditer(rb">([^<>&]+)<", content))
        if spots:
            spot = random.choice(spots)
            whole = b"><![CDATA[" + spot[1] + b"]]><"
            content = content[: spot.start()] + whole + content[spot.end() :]
    elif choice == 3:  # another prefix
        old = random.choice([b"gl-cor", b"gl-bus", b"xbrli", b"ds"])
        content = content.replace(b"<" + old + b":", b"<zz:").replace(b"</" + old + b":", b"</zz:")
        content = content.replace(b"xmlns:" + old + b"=", b"xmlns:zz=")
    elif choice == 4:  # namespaces declared on the lines, too
        content = content.replace(
            b"<gl-cor:entryDetail>", b'<gl-cor:entryDetail xmlns:iso4217="urn:x" xmlns:q="urn:q">'
        )
    elif choice == 5:
        content = content.replace(b"\n", b"\r\n")
    return content


def sources(conformance: Path | None) -> list[Source]:
    """Documents to change: the conformance cases that are XML, good and spoiled ones of ours, and
    ledgers long enough for the fast path.

    Args:
        conformance: folder of the cases; None = only our own documents.
    """
    found = [] if conformance is None else list(_cases(conformance))
    for kind in Kind:
        found += [Source(document(kind), FILE[kind], kind)] * 20
    with TemporaryDirectory() as folder:
        part = build(_LONG_LINES, Path(folder), seed=7)
        for kind, file in ((Kind.Y, part.yevmiye), (Kind.K, part.kebir)):
            found += [Source(file.path.read_bytes(), FILE[kind], kind, is_long=True)] * 50
    for rule in all_rules():
        if rule.layer is Layer.OFFICIAL and rule.name not in spoilers.DEAD:
            for family in rule.families:
                kind = spoilers.kind_for(family, rule.name)
                content = spoiled(kind, spoilers.spoiler(family, rule.name))
                found.append(Source(content, FILE[kind], kind))
    return found


def _cases(folder: Path) -> Iterator[Source]:
    verdicts = {}
    for line in (folder / "verdicts.jsonl").read_text(encoding="utf-8").splitlines():
        verdict = json.loads(line)
        verdicts[f"{verdict['kind']}/{verdict['case']}/{verdict['file']}"] = verdict
    for name, content in documents(folder):
        verdict = verdicts.get(name)
        if verdict and verdict["xsd"] != "not-well-formed" and b"<!DOCTYPE" not in content:
            yield Source(content, verdict["file"], Kind(verdict["kind"]))


def mutant(among: list[Source], seed: str, number: int) -> Mutant:
    """The document of that number."""
    random = Random(f"{seed}:{number}")
    source = random.choice(among)
    if source.is_long and random.random() < 0.7:
        return _spoil(source, random)
    return mutate(source.content, source.name, source.kind, random)


def _spoil(source: Source, random: Random) -> Mutant:
    """Changes of the bytes, so that most of the ledger keeps its layout."""
    made = random.choices(list(SPOILERS), k=random.choice([1, 1, 2, 3]))
    content = spoil(source.content, random, made)
    if random.random() < 0.4:
        disguise = random.choice(list(DISGUISES))
        content = DISGUISES[disguise](content)
        made.append(disguise)
    return Mutant(content, source.name, source.kind, ", ".join(made))


def mutate(content: bytes, name: str, kind: Kind, random: Random) -> Mutant:
    """A document with one to four changes."""
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, huge_tree=True))
    made = []
    for _ in range(random.choice([0, 1, 1, 1, 2, 2, 2, 3, 3, 4])):
        mutation = random.choice(MUTATIONS)
        mutation(root, random)
        made.append(mutation.__name__)
    if random.random() < 0.15:
        name = _file_name(name, root, random)
        made.append("name")
    if random.random() < 0.03:
        kind = random.choice(_KINDS)
        made.append(f"as {kind}")
    return Mutant(_serialised(root, random), name, kind, " ".join(made))
