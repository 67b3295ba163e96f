"""A filed document as one HTML page, by the stylesheet it names.

Browsers give up showing XML by XSLT; an inspector or accountant still wants to look at a ledger.
The page is made beside the archive, never in it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lxml import etree

from edefter import resources
from edefter.errors import DataError
from edefter.model.documents import DocumentName, Kind

_STYLESHEETS = {
    Kind.Y: "yevmiye.xslt",
    Kind.K: "kebir.xslt",
    Kind.YB: "berat.xslt",
    Kind.KB: "berat.xslt",
    Kind.EB: "berat.xslt",
}


def render_html(path: Path) -> bytes:
    """Transform one document by our own stylesheet of its kind.

    Args:
        path: a document under its e-Defter name; nothing it refers to is fetched.

    Returns:
        The page, UTF-8.

    Raises:
        DataError: no e-Defter name, a kind without a view, or no well-formed XML.
        OSError: the file cannot be read.
    """
    try:
        kind = DocumentName.parse(path.name).kind
        stylesheet = resources.schemas_dir() / "xslt" / _STYLESHEETS[kind]
    except (ValueError, KeyError):
        raise DataError("archive.no_view", file=path.name) from None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    # The stubs of lxml know neither docinfo.doctype nor the access control's switches.
    library: Any = etree
    try:
        tree = library.parse(str(path), parser)
    except etree.XMLSyntaxError as error:
        raise DataError("archive.not_xml", file=path.name, problem=str(error)) from None
    if tree.docinfo.doctype:
        raise DataError("archive.not_xml", file=path.name, problem="DOCTYPE")
    no_access = library.XSLTAccessControl(
        read_file=False, write_file=False, create_dir=False, read_network=False, write_network=False
    )
    transform = library.XSLT(library.parse(str(stylesheet)), access_control=no_access)
    return bytes(transform(tree))
