"""Which file of the package is what: the main schema, and the rules of each family.

The layout has changed over the years (folders, compiled rules in 2015, sources since), so files are
known by content first and by name second. Stylesheets for viewing are not rules: they give out no
SVRL.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from edefter.validation.names import EDEFTER
from edefter.validation.official.results import SVRL
from edefter.validation.official.schematron_source import (
    XSLT,
    BadSchematron,
    Element,
    local,
    parse_xml,
    without_doctype,
)

FAMILIES = ("Y", "K", "B", "R", "E", "EB")
MAX_FILE_BYTES = 10_000_000  # of a schema or rule file
ENDINGS = (".xsd", ".sch", ".xsl", ".xslt")

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_BY_NAME = (
    ("EB", ("envanter", "berat")),
    ("E", ("envanter",)),
    ("R", ("rapor",)),
    ("B", ("berat",)),
    ("Y", ("yevmiye",)),
    ("K", ("kebir",)),
)
_TYPES = {"journal": "Y", "ledger": "K", "assets": "E"}
_VERSION = re.compile(
    r"(?:(?<![^\W_])v|s[uü]r[uü]m|version)[ ._-]*(\d+(?:\.\d+)*)"
    r"|(?<!\d)(\d{1,2}[._-]\d{1,2}[._-]20\d\d)(?!\d)"
    r"|(?<!\d)(20\d\d[._-]?[01]\d(?:[._-]?[0-3]\d)?)(?!\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Member:
    """A schema or rule file: path in the package, date in the zip, content."""

    path: str
    modified: date
    data: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """What a package holds.

    Args:
        schema: path of the main schema; empty = none.
        rules: path of the rule file by family (Y K B R E EB).
        version: as the package itself says, or empty.
        newest: date of the youngest of these files, by the zip.
    """

    schema: str
    rules: dict[str, str] = field(default_factory=dict)
    version: str = ""
    newest: date | None = None


def find_members(members: Iterable[Member], names: Iterable[str]) -> Found:
    """Find schema and rules.

    Args:
        members: files with one of `ENDINGS`.
        names: what may tell a version: the zip's name, its folders.
    """
    schemas: list[tuple[tuple[object, ...], Member, Element]] = []
    rules: dict[str, list[tuple[tuple[object, ...], Member]]] = {}
    for member in members:
        try:
            root = parse_xml(without_doctype(member.data), member.path)
        except BadSchematron:
            continue  # a damaged file is no candidate
        if member.path.lower().endswith(".xsd"):
            if root.tag == f"{_XSD}schema" and root.get("targetNamespace") == EDEFTER:
                schemas.append((_schema_rank(member, root), member, root))
        elif family := _family(member.path, root):
            rank = (not member.path.lower().endswith(".sch"), *_depth(member))
            rules.setdefault(family, []).append((rank, member))
    chosen = min(schemas, key=lambda item: item[0]) if schemas else None
    best = {family: min(rules[family], key=lambda item: item[0])[1] for family in FAMILIES
            if family in rules}  # fmt: skip
    used = [*best.values(), *([chosen[1]] if chosen else [])]
    return Found(
        schema=chosen[1].path if chosen else "",
        rules={family: member.path for family, member in best.items()},
        version=_version((chosen[2].get("version") or "") if chosen else "", names),
        newest=max((member.modified for member in used), default=None),
    )


def _schema_rank(member: Member, root: Element) -> tuple[object, ...]:
    declared = {item.get("name") for item in root.iterchildren(f"{_XSD}element")}
    return (
        -len(declared & {"defter", "berat", "defterraporu"}),
        posixpath.basename(member.path).lower() != "edefter.xsd",
        *_depth(member),
    )


def _depth(member: Member) -> tuple[object, ...]:
    """Of equal files the youngest is taken, then the one nearest to the top."""
    return (-member.modified.toordinal(), member.path.count("/"), member.path)


def _family(path: str, root: Element) -> str:
    """The family that a rule file judges; empty when it is no rule file."""
    if path.lower().endswith(".sch"):
        if local(root) != "schema":
            return ""  # a part that others include
    elif root.tag not in (f"{{{XSLT}}}stylesheet", f"{{{XSLT}}}transform") or not _gives_svrl(root):
        return ""
    named = _family_by_name(posixpath.basename(path).lower())
    possible = _families_by_content(root)
    if named in possible or not possible:
        return named
    return possible[0] if len(possible) == 1 else ""


def _gives_svrl(root: Element) -> bool:
    return root.find(f".//{{{SVRL}}}failed-assert") is not None


def _family_by_name(name: str) -> str:
    for family, words in _BY_NAME:
        if all(word in name for word in words):
            return family
    return ""


def _families_by_content(root: Element) -> list[str]:
    """Families whose documents the file's expressions speak of; empty = it does not say."""
    expressions = " ".join(
        str(value)
        for element in root.iter("*")
        for name, value in element.items()
        if name in ("context", "test", "match", "value", "select")
    )
    if re.search(r"\bdefterraporu\b", expressions):
        return ["R"]
    roots = [word for word in ("berat", "defter") if re.search(rf":{word}\b", expressions)]
    if not roots:
        return []
    types = [
        family for word, family in _TYPES.items() if re.search(rf"['\"]{word}['\"]", expressions)
    ]
    if roots[0] == "berat":
        return ["EB"] if types == ["E"] else ["B"] if types else ["B", "EB"]
    return types or ["Y", "K", "E"]


def _version(of_schema: str, names: Iterable[str]) -> str:
    if of_schema.strip():
        return of_schema.strip()
    for name in names:
        if found := _VERSION.search(name):
            return next(group for group in found.groups() if group)
    return ""
