"""Our XSD set, compiled once, resolved only from the installation: never from the network.

The XBRL GL part is in `schemas/`; XML-DSig and XAdES 1.3.2/1.4.1 are the standard schemas that the
`signxml` package ships (format.md §9).
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import Any

from lxml import etree

from edefter.resources import schemas_dir

_SIGNXML = {
    "xmldsig-core-schema.xsd": "schemas/xmldsig-core-schema.xsd",
    "XAdES.xsd": "xades/schemas/XAdES.xsd",
    "XAdESv141.xsd": "xades/schemas/XAdESv141.xsd",
}
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>", re.DOTALL)


class _LocalResolver(etree.Resolver):
    """Answers every import by file name from our two folders and refuses all others."""

    def resolve(self, system_url: str, public_id: str, context: Any = None) -> Any:  # noqa: ARG002
        name = system_url.replace("signxml:", "").rsplit("/", 1)[-1]
        if name in _SIGNXML:
            path = resources.files("signxml").joinpath(_SIGNXML[name])
            # The W3C file carries a DTD that declares nothing we need.
            return self._answer(_DOCTYPE.sub(b"", path.read_bytes()), context)
        local = schemas_dir() / name
        if local.is_file():
            return self._answer(local.read_bytes(), context)
        raise FileNotFoundError(f"schema import outside our set: {system_url}")

    def _answer(self, content: bytes, context: Any) -> Any:
        resolver: Any = self  # the type stubs demand an argument that is optional
        return resolver.resolve_string(content, context)


@lru_cache(maxsize=2)
def schema(signed: bool) -> etree.XMLSchema:
    """The compiled schema of all seven kinds.

    Args:
        signed: True = documents as filed; False = before their own signature is put in.

    Raises:
        FileNotFoundError: the installation lacks a schema file.
        lxml.etree.XMLSchemaParseError: a schema file is damaged.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    parser.resolvers.add(_LocalResolver())
    main = schemas_dir() / ("edefter.xsd" if signed else "edefter-unsigned.xsd")
    return etree.XMLSchema(etree.fromstring(main.read_bytes(), parser))
