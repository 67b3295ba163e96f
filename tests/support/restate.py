"""Writes our restatement of the official rules as ISO Schematron, one file per family.

    python -m tests.support.restate

The conditions stand in `schematron/rules.txt`, taken from rules.md §4 and nothing else; they are
spread over the families here. The files let Saxon judge documents by the letter of rules.md, beside
our own engine (`restated`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree
from lxml.builder import ElementMaker

FOLDER = Path(__file__).parent / "schematron"
NAMESPACE = "http://purl.oclc.org/dsdl/schematron"
PREFIXES = {
    "edefter": "http://www.edefter.gov.tr",
    "defterek": "http://www.edefter.gov.tr/ek",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xades": "http://uri.etsi.org/01903/v1.3.2#",
    "xbrli": "http://www.xbrl.org/2003/instance",
    "gl-cor": "http://www.xbrl.org/int/gl/cor/2006-10-25",
    "gl-bus": "http://www.xbrl.org/int/gl/bus/2006-10-25",
    "gl-muc": "http://www.xbrl.org/int/gl/muc/2006-10-25",
    "xs": "http://www.w3.org/2001/XMLSchema",
}
FILES = {
    "Y": ("yevmiye", "/edefter:defter"),
    "K": ("kebir", "/edefter:defter"),
    "B": ("berat", "/edefter:berat"),
    "R": ("rapor", "/edefter:defterraporu"),
    "E": ("envanter", "/edefter:defter"),
    "EB": ("envanter_berat", "/edefter:berat"),
}
_S = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE})


@dataclass(slots=True)
class Pattern:
    """One context with the names bound for it and its rules as (families, name, condition)."""

    name: str
    context: str
    lets: list[tuple[str, str]] = field(default_factory=list)
    rules: list[tuple[frozenset[str], str, str]] = field(default_factory=list)


def read_table(text: str) -> tuple[list[tuple[str, str]], list[Pattern]]:
    """The names bound for the whole schema, and all patterns (the table explains its own form)."""
    schema_lets: list[tuple[str, str]] = []
    patterns: list[Pattern] = []
    for line in _joined(text):
        if line.startswith("@"):
            patterns.append(Pattern(*line[1:].split(maxsplit=1)))
        elif line.startswith("$"):
            name, _, value = line[1:].partition(" = ")
            (patterns[-1].lets if patterns else schema_lets).append((name, value))
        else:
            families, name, condition = line.split(" | ", 2)
            patterns[-1].rules.append((frozenset(families.split()), name, condition))
    return schema_lets, patterns


def _joined(text: str) -> Iterator[str]:
    whole = ""
    for line in text.splitlines():
        if line.startswith(" "):
            whole += " " + line.strip()
            continue
        if whole:
            yield whole
        whole = "" if line.startswith("#") else line.strip()
    if whole:
        yield whole


def schematron(family: str, text: str | None = None) -> bytes:
    """The Schematron file of one family (Y K B R E EB)."""
    lets, patterns = read_table(text or (FOLDER / "rules.txt").read_text(encoding="utf-8"))
    _, root = FILES[family]
    schema = _S.schema(queryBinding="xslt2")
    schema.append(etree.Comment(" written by tests/support/restate.py from rules.txt "))
    schema.extend(_S.ns(prefix=prefix, uri=uri) for prefix, uri in PREFIXES.items())
    schema.extend(_S.let(name=name, value=value.replace("ROOT", root)) for name, value in lets)
    for pattern in patterns:
        chosen = [rule for rule in pattern.rules if family in rule[0]]
        if not chosen:
            continue
        rule = _S.rule(context=pattern.context.replace("ROOT", root))
        used = " ".join(condition for _, _, condition in chosen)
        for name, value in reversed(pattern.lets):
            if f"${name}" in used:
                used += value
                rule.insert(0, _S.let(name=name, value=value))
        for _, name, condition in chosen:
            identity = f"{family}-{name}"
            rule.append(getattr(_S, "assert")(identity, id=identity, test=condition))
        schema.append(_S.pattern(rule, id=pattern.name))
    etree.indent(schema)
    return etree.tostring(schema, encoding="UTF-8", xml_declaration=True) + b"\n"


def main() -> None:
    """Write all files."""
    for family, (name, _) in FILES.items():
        (FOLDER / f"{name}.sch").write_bytes(schematron(family))


if __name__ == "__main__":
    main()
