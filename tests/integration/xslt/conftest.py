"""The three stylesheets, applied by libxslt with all file and network access denied."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import etree, html

from edefter.resources import schemas_dir
from tests.integration.xslt.documents import STYLESHEETS

PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)


@pytest.fixture(scope="session")
def view() -> Callable[[str, str | bytes], html.HtmlElement]:
    """Gives the page that a stylesheet makes of a document."""
    sheets = {
        name: etree.XSLT(
            etree.parse(schemas_dir() / "xslt" / f"{name}.xslt", PARSER),
            access_control=etree.XSLTAccessControl.DENY_ALL,
        )
        for name in set(STYLESHEETS.values())
    }

    def apply(name: str, source: str | bytes) -> html.HtmlElement:
        raw = source.encode() if isinstance(source, str) else source
        result = sheets[name](etree.fromstring(raw, PARSER))
        assert not sheets[name].error_log
        return html.document_fromstring(bytes(result))

    return apply
