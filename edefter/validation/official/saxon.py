"""Saxon (saxonche, an optional extra) for the rules of a package; works on texts, never on files.

Meant for the worker process (`worker`), and for tests with stylesheets of ours.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

from lxml import etree

from edefter.validation.official.places import Places
from edefter.validation.official.results import Failure, NotUnderstood, read_failures
from edefter.validation.reading.malformed import LIMIT_ERRORS, code_of

FOLDER = "file:///e/"
"""The document's folder as the rules see it. They test the whole URI (rules.md §2.7), so it must
hold neither a digit nor a hyphen; the text is handed over with this name, no such folder exists."""

_NEVER_IN_URIS = '%#?"<>[]\\^`{|}/\x7f'

SWITCHES = {
    # No Java functions, no result documents, no environment variables, no system properties.
    "http://saxon.sf.net/feature/allow-external-functions": "false",
    "http://saxon.sf.net/feature/disableXslEvaluate": "true",
    # SaxonC-HE does not obey it (measured, see docs/design/second-opinion.md); a later one may.
    "http://saxon.sf.net/feature/allowedProtocols": "",
}


class SaxonMissing(RuntimeError):
    """The extra `second-opinion` is not installed."""


class RulesUnusable(ValueError):
    """Saxon cannot compile the rules."""


class RulesStopped(RuntimeError):
    """The rules ended with a dynamic error: there is no list of failures (`engine-error`)."""


class DocumentUnreadable(ValueError):
    """The document is no well-formed XML, or has a document type declaration.

    Args:
        reason: `not-well-formed`, `dtd`, or `limit` (nested too deeply for libxml2).
        detail: what the parser says.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Document:
    """A document both as text for Saxon and as a tree for places.

    Args:
        data: the file's bytes.
        name: the file's name, without folder.

    Raises:
        DocumentUnreadable: as the class says.
    """

    def __init__(self, data: bytes, name: str) -> None:
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
        )
        try:
            self.root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            reason = "limit" if code_of(error) in LIMIT_ERRORS else "not-well-formed"
            raise DocumentUnreadable(reason, str(error)) from None
        info: Any = self.root.getroottree().docinfo
        if info.doctype:
            raise DocumentUnreadable("dtd", info.doctype)
        self.name = name
        self.data = data
        try:
            self.text = data.decode(info.encoding or "UTF-8").removeprefix("\ufeff")
        except (UnicodeError, LookupError) as error:
            raise DocumentUnreadable("not-well-formed", str(error)) from None


class Engine:
    """One Saxon processor; several stylesheets may be compiled by it.

    Raises:
        SaxonMissing: as the class says.
    """

    def __init__(self) -> None:
        try:
            import saxonche
        except ImportError as error:
            raise SaxonMissing(str(error)) from None
        self._failure: type[Exception] = saxonche.PySaxonApiError
        self._processor: Any = saxonche.PySaxonProcessor(license=False)
        for name, value in SWITCHES.items():
            self._processor.set_configuration_property(name, value)

    def compile(self, stylesheet: bytes) -> Rules:
        """Compile a stylesheet that stands alone.

        Raises:
            RulesUnusable: as the class says.
        """
        compiler = self._processor.new_xslt30_processor()
        compiler.set_jit_compilation(False)
        try:
            executable = compiler.compile_stylesheet(
                stylesheet_text=stylesheet.decode("utf-8"), encoding="UTF-8"
            )
        except self._failure as error:
            raise RulesUnusable(str(error)) from None
        return Rules(self._processor, executable, self._failure)


def uri_name(name: str) -> str:
    """A file name in a URI, changed as little as possible: rules look for digits and hyphens."""
    return "".join(
        quote(char, safe="") if char <= " " or char in _NEVER_IN_URIS else char for char in name
    )


class Rules:
    """Compiled rules of one family."""

    def __init__(self, processor: Any, executable: Any, failure: type[Exception]) -> None:
        self._processor = processor
        self._executable = executable
        self._error = failure

    def judge(self, document: Document) -> list[Failure]:
        """All failures of the rules, in their order.

        Raises:
            RulesStopped: a dynamic error.
            DocumentUnreadable: Saxon cannot parse what lxml could.
            NotUnderstood: the stylesheet gives out neither our list nor SVRL.
        """
        return read_failures(self._run(self._parse(document)), Places(document.root, document.data))

    def seconds(self, document: Document) -> float:
        """How long the transformation alone takes, parsing left out; wall clock, seconds.

        Raises:
            RulesStopped: a dynamic error.
            DocumentUnreadable: Saxon cannot parse what lxml could.
        """
        node = self._parse(document)
        begin = time.perf_counter()
        self._run(node)
        return time.perf_counter() - begin

    def _parse(self, document: Document) -> Any:
        builder = self._processor.new_document_builder()
        builder.set_base_uri(FOLDER + uri_name(document.name))
        try:
            return builder.parse_xml(xml_text=document.text, encoding="UTF-8")
        except self._error as error:
            raise DocumentUnreadable("not-well-formed", str(error)) from None

    def _run(self, node: Any) -> str:
        try:
            result = self._executable.transform_to_string(xdm_node=node)
        except self._error as error:
            raise RulesStopped(str(error)) from None
        if result is None:
            raise NotUnderstood("the rules gave out nothing")
        return str(result)


def run_schematron(stylesheet: bytes, document: bytes, name: str) -> list[Failure]:
    """Judge one document by a stylesheet of `compile_schematron`, in this process.

    Only for stylesheets that are trusted: nothing is limited here (see `runner` for a package).

    Args:
        stylesheet: what `compile_schematron` gave.
        document: the file's bytes.
        name: the file's name; the rules see it in the document's URI.

    Raises:
        SaxonMissing, RulesUnusable, RulesStopped, DocumentUnreadable, NotUnderstood: as they say.
    """
    return Engine().compile(stylesheet).judge(Document(document, name))
