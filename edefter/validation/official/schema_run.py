"""The package's XSD, compiled and applied by libxml2; every import is answered by the package."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from edefter.validation.names import XSI
from edefter.validation.official.schematron_source import without_doctype

BASE = "http://package.invalid/"
"""Invented address of the package's top folder; nothing is ever asked of it."""

MAX_MESSAGES = 50


class SchemaUnusable(ValueError):
    """The schema of the package cannot be compiled."""


@dataclass(frozen=True, slots=True)
class SchemaVerdict:
    """What the package's XSD says.

    Args:
        valid: the verdict.
        messages: line and libxml2's sentence, at most `MAX_MESSAGES`.
    """

    valid: bool
    messages: list[tuple[int, str]]


class _PackageResolver(etree.Resolver):
    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__()
        self._files = files
        self._by_name: dict[str, str | None] = {}
        for path, data in files.items():
            name = posixpath.basename(path).casefold()
            known = self._by_name.get(name, path)
            same = known is not None and files[known] == data
            self._by_name[name] = known if same else None
        self.refused: list[str] = []

    def resolve(self, system_url: str, public_id: str, context: Any = None) -> Any:  # noqa: ARG002
        path = self._find(system_url)
        if path is None:
            self.refused.append(system_url)
            raise FileNotFoundError(f"not in the package: {system_url}")
        resolver: Any = self  # the type stubs demand an argument that is optional
        # W3C's schemas carry a DTD that declares nothing a validation needs.
        content = without_doctype(self._files[path])
        return resolver.resolve_string(content, context, base_url=BASE + path)

    def _find(self, url: str) -> str | None:
        """The member for an import: by its path, else (addresses of W3C or XBRL) by its name."""
        parts = urlsplit(url)
        path = posixpath.normpath(unquote(parts.path).lstrip("/"))
        if url.startswith(BASE) and path in self._files:
            return path
        return self._by_name.get(posixpath.basename(path).casefold())


def compile_schema(main: str, files: Mapping[str, bytes]) -> etree.XMLSchema:
    """Compile the schema of a package.

    Args:
        main: path of the main schema.
        files: schema files by path in the package.

    Raises:
        SchemaUnusable: damaged, or it imports what the package does not hold.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    resolver = _PackageResolver(files)
    parser.resolvers.add(resolver)
    try:
        root = etree.fromstring(without_doctype(files[main]), parser, base_url=BASE + main)
        return etree.XMLSchema(root)
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError, OSError, KeyError) as error:
        missing = ", ".join(resolver.refused)
        raise SchemaUnusable(f"{error} {missing}".strip()) from None


def apply_schema(schema: etree.XMLSchema, root: etree._Element) -> SchemaVerdict:
    """Judge a document; its own schema location hints are taken out of the tree first.

    libxml2 would follow them, and nothing is ever fetched for a document.
    """
    for element in root.iter(etree.Element):
        for name in ("schemaLocation", "noNamespaceSchemaLocation"):
            element.attrib.pop(f"{{{XSI}}}{name}", "")
    valid = schema.validate(root)
    log: Any = schema.error_log
    messages = [(int(entry.line), str(entry.message)) for entry in log]
    return SchemaVerdict(valid, messages[:MAX_MESSAGES])
