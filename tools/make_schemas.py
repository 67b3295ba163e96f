"""Write the XBRL GL schemas (COR, BUS, MUC) from the table of elements.

    python tools/make_schemas.py ../shared/spec/taxonomy.json schemas

The table holds the facts of all 346 elements: type and allowed values of the items, children in
order of the tuples. The schemas are committed; a test proves them equal to this tool's output.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

_OCCURS = {
    "?": ' minOccurs="0"',
    "*": ' minOccurs="0" maxOccurs="unbounded"',
    "+": ' maxOccurs="unbounded"',
}
_XBRLI = "http://www.xbrl.org/2003/instance"


def schemas(taxonomy: dict[str, Any]) -> dict[str, str]:
    """Schema text by file name.

    Args:
        taxonomy: the table: `namespaces`, `not_nillable`, `items`, `tuples`.

    Raises:
        KeyError: a tuple names a child that the table does not describe.
    """
    return {f"{prefix}.xsd": _schema(prefix, taxonomy) for prefix in taxonomy["namespaces"]}


def _schema(prefix: str, taxonomy: dict[str, Any]) -> str:
    namespaces: dict[str, str] = taxonomy["namespaces"]
    not_nillable = set(taxonomy["not_nillable"])
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<!-- XBRL GL 2006-10-25, palette case-c-b, module {prefix}. "
        "Made by tools/make_schemas.py; do not edit. -->",
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"',
        f'    xmlns:xbrli="{_XBRLI}"',
        *(f'    xmlns:{name}="{uri}"' for name, uri in namespaces.items()),
        f'    targetNamespace="{namespaces[prefix]}" elementFormDefault="qualified">',
        f'  <xs:import namespace="{_XBRLI}" schemaLocation="xbrli.xsd"/>',
        *(
            f'  <xs:import namespace="{uri}" schemaLocation="{name}.xsd"/>'
            for name, uri in namespaces.items()
            if name != prefix
        ),
    ]
    for name, item in sorted(taxonomy["items"].items()):
        if name.startswith(f"{prefix}:"):
            lines += _item(name.split(":")[1], item, name not in not_nillable)
    for name, children in sorted(taxonomy["tuples"].items()):
        if name.startswith(f"{prefix}:"):
            lines += _tuple(name.split(":")[1], children, name not in not_nillable, taxonomy)
    return "\n".join([*lines, "</xs:schema>", ""])


def _item(local: str, item: dict[str, Any], nillable: bool) -> list[str]:
    base = f"xbrli:{item['type']}ItemType"
    opening = f'  <xs:element name="{local}" substitutionGroup="xbrli:item"'
    opening += ' nillable="true"' if nillable else ""
    if "values" not in item:
        return [f'{opening} type="{base}"/>']
    return [
        f"{opening}>",
        "    <xs:complexType><xs:simpleContent>",
        f'      <xs:restriction base="{base}">',
        *(f"        <xs:enumeration value={quoteattr(value)}/>" for value in item["values"]),
        "      </xs:restriction>",
        "    </xs:simpleContent></xs:complexType>",
        "  </xs:element>",
    ]


def _tuple(local: str, children: list[str], nillable: bool, taxonomy: dict[str, Any]) -> list[str]:
    known = taxonomy["items"].keys() | taxonomy["tuples"].keys()
    lines = [
        f'  <xs:element name="{local}" substitutionGroup="xbrli:tuple"'
        + (' nillable="true">' if nillable else ">"),
        "    <xs:complexType>",
        "      <xs:sequence>",
    ]
    for child in children:
        name = child.rstrip("?*+")
        if name not in known:
            raise KeyError(name)
        lines.append(f'        <xs:element ref="{name}"{_OCCURS.get(child[len(name) :], "")}/>')
    return [
        *lines,
        "      </xs:sequence>",
        '      <xs:attribute name="id" type="xs:ID"/>',
        "    </xs:complexType>",
        "  </xs:element>",
    ]


def main(arguments: list[str]) -> int:
    """Write the schemas; usage: make_schemas.py TAXONOMY_JSON FOLDER."""
    source, target = arguments
    taxonomy = json.loads(Path(source).read_text(encoding="utf-8"))
    for name, text in schemas(taxonomy).items():
        (Path(target) / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
