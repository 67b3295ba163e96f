"""What must hold for every input, whatever is in it.

1. Nothing is raised: broken documents are findings.
2. Time is bounded.
3. Every finding has its sentence and remedy in both languages, without control characters.
4. The same bytes in other portions give the same report.
5. The slow path gives the same report as the fast one.
6. Well-formedness is that of a plain lxml parse of the whole document.
7. The XSD verdict is that of the whole document validated at once.
"""

from __future__ import annotations

import dataclasses
import io
import random
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from lxml import etree

from benchmarks.fuzzing.frame import NAMELESS, OWN, SLOW_PATH, SMALL_CHUNKS, UNSIGNED, Frame
from edefter.model.documents import Kind
from edefter.model.finding import Finding
from edefter.validation import Report, check_berat, check_pair, validate
from edefter.validation.inputs import open_inputs
from edefter.validation.reading.prolog import look
from edefter.validation.schema.schema_set import schema
from tests.support.streams import Trickle
from tests.unit.validation.documents import FILE

CPU_S = 3.0
"""Processor time for one reading of one input (at most 64 KB)."""

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


class Broken(Exception):
    """A property does not hold.

    Args:
        what: the property, in a few words; inputs with equal words are one finding.
        detail: what differs.
    """

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(f"{what}: {detail}")
        self.what = what


def check(frame: Frame) -> None:
    """Try all that the frame asks for.

    Raises:
        Broken: a property does not hold.
        Exception: whatever the product lets out, which breaks the first property.
    """
    kind = frame.kind
    if kind is not None:
        _check_document(frame, kind)
    elif frame.name == "prolog":
        _check_prolog(frame)
    elif frame.name == "zip":
        _check_zip(frame)
    else:
        _check_two(frame)


def judge(frame: Frame, kind: Kind, stream: BinaryIO, *, fast: bool = True) -> Report:
    """Validate as the frame's options say."""
    name = "belge.xml" if frame.options & NAMELESS else FILE[kind]
    with _in_time("validation"):
        return validate(
            stream,
            name,
            kind=None if frame.options & NAMELESS else kind,
            signed=not frame.options & UNSIGNED,
            own=bool(frame.options & OWN),
            limit_per_rule=300,
            fast=fast,
        )


@contextmanager
def _in_time(what: str) -> Iterator[None]:
    before = time.process_time()
    yield
    took = time.process_time() - before
    if took > CPU_S:
        raise Broken(f"{what} takes too long", f"{took:.1f} s")


def _check_document(frame: Frame, kind: Kind) -> None:
    report = judge(frame, kind, io.BytesIO(frame.document))
    _check_texts(report.findings)
    _check_offsets(frame.document, report)
    if frame.options & SMALL_CHUNKS:
        dice = random.Random(zlib.crc32(frame.document))  # noqa: S311 - a choice of tests
        sizes = [dice.choice((1, 2, 3, 7, 64, 1000)) for _ in range(5)]
        other = judge(frame, kind, Trickle(frame.document, *sizes))
        _same("other chunks, other report", report, other)
        _check_offsets(frame.document, other)
    if frame.options & SLOW_PATH:
        other = judge(frame, kind, io.BytesIO(frame.document), fast=False)
        _same("slow path, other report", report, other)
        _check_offsets(frame.document, other)
    _check_against_lxml(frame, report)


def _check_texts(findings: Iterable[Finding]) -> None:
    for item in findings:
        texts = (item.message_tr, item.message_en, item.remedy_tr, item.remedy_en)
        if not all(texts):
            raise Broken("a finding lacks a text", item.rule)
        for text in (*texts, item.value, *map(str, dataclasses.astuple(item.place))):
            if not text.isprintable():
                raise Broken("a finding holds control characters", f"{item.rule}: {text!a}")


def told(report: Report) -> dict[str, object]:
    """All of a report that must not depend on how it was read.

    Of a broken document only that it is broken: which of its mistakes the parser meets first, and
    where it says that was, depends on how many bytes it has seen.
    """
    if not report.well_formed:
        return {"counts": sorted(report.findings.counts)}
    found, counts = list(report.findings), dict(report.findings.counts)
    if _is_out_of_order(report):
        counts["XSD"], found = 1, []
    return {
        "counts": counts,
        "findings": sorted(map(_without_offset, found)),
        "verdict": (report.kind, report.evaluated, report.well_formed, report.schema_valid),
        "facts": report.facts,
    }


_HIDES = ("validation.xsd_unexpected", "validation.xsd_missing_child", "validation.xsd_other")


def _is_out_of_order(report: Report) -> bool:
    """Whether an element has the wrong content as a whole.

    The schema then says nothing of what follows inside it, and how much that is depends on the
    pieces it was given; so do the vouchers that places name. Verdicts and rules must not.
    """
    return any(item.rule == "XSD" and item.key in _HIDES for item in report.findings)


def _without_offset(item: Finding) -> str:
    """Offsets are told where they are known; `_check_offsets` looks whether they are right."""
    place = dataclasses.replace(item.place, byte_offset=None)
    return repr(dataclasses.astuple(dataclasses.replace(item, place=place)))


def _check_offsets(document: bytes, report: Report) -> None:
    if document[:2] in (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00", b"\x00\x00"):
        return
    for item in report.findings:
        at = item.place.byte_offset
        if at is not None and document[at : at + 1] != b"<":
            around = document[max(0, at - 30) : at + 30]
            raise Broken("an offset points at no tag", f"{item.rule} {at}: {around!r}")


def _same(what: str, one: Report, other: Report) -> None:
    left, right = told(one), told(other)
    for key, value in left.items():
        if value != right[key]:
            raise Broken(f"{what} ({key})", _difference(value, right[key]))


def _difference(left: object, right: object) -> str:
    if isinstance(left, list) and isinstance(right, list):
        left = [item for item in left if item not in right][:2]
        right = [item for item in right if item not in left][:2]
    return f"{left!r:.1500} ≠ {right!r:.1500}"


# against lxml on the whole document -------------------------------------------------------------
def _check_against_lxml(frame: Frame, report: Report) -> None:
    if {"XML-DTD", "XML-LIMIT"} & set(report.findings.counts):
        return
    parser = _whole_parser()
    try:
        root = etree.fromstring(frame.document, parser)
    except etree.XMLSyntaxError as problem:
        if report.well_formed:
            raise Broken("well-formed, lxml says no", str(problem)) from None
        return
    if not report.well_formed:
        # lxml forgets an error about a namespace when a warning comes after it.
        if not _is_disguise(report) and not parser.error_log.filter_from_errors():
            raise Broken("not well-formed, lxml says yes", _first(report))
        return
    if root.getroottree().docinfo.doctype:
        raise Broken("a DTD was not refused", root.getroottree().docinfo.doctype)
    if report.kind is not None:
        _check_schema(frame, report, root)


def _whole_parser() -> etree.XMLParser:
    # Entities cannot be declared; with "internal" an undeclared one is an error and not a node.
    return etree.XMLParser(
        resolve_entities="internal",
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )


def _is_disguise(report: Report) -> bool:
    """Encodings that libxml2 would read and we refuse, as is said."""
    return any("kodlaması" in item.message_tr for item in report.findings)


def _first(report: Report) -> str:
    return next((item.message_en for item in report.findings), "no finding")


def _check_schema(frame: Frame, report: Report, root: etree._Element) -> None:
    names = [value for name in ("id", "Id") for value in root.xpath(f"//@{name}")]
    if len(set(names)) != len(names):
        return  # libxml2 knows ids by declared type only; ours are compared by name
    for element in root.iter():
        for name in ("schemaLocation", "noNamespaceSchemaLocation"):
            element.attrib.pop(_XSI + name, "")
    whole = schema(not frame.options & UNSIGNED)
    valid = whole.validate(root)
    if valid != report.schema_valid:
        errors = [str(entry.message) for entry in whole.error_log][:2]
        raise Broken(f"XSD says {valid}, pieces say {report.schema_valid}", f"{errors}")


# what else reads foreign bytes ------------------------------------------------------------------
def _check_prolog(frame: Frame) -> None:
    for need_type in (False, True):
        with _in_time("prolog"):
            found = look(io.BytesIO(frame.document), need_type=need_type)
        if not frame.document.startswith(found.head):
            raise Broken("prolog: the head is not the document's", repr(found.head[:80]))
        stream = Trickle(frame.document, 1, 2, 3)
        other = look(stream, need_type=need_type)
        answers = [(item.has_dtd, item.root, item.trouble) for item in (found, other)]
        if answers[0] != answers[1] and _is_xml(frame.document):
            raise Broken("prolog: other chunks, other answers", repr(answers))


def _is_xml(document: bytes) -> bool:
    """Of a broken document it depends on the chunks how far the parser gets before it says so."""
    try:
        etree.fromstring(document, _whole_parser())
    except (etree.XMLSyntaxError, LookupError):
        return False
    return True


def _check_two(frame: Frame) -> None:
    with TemporaryDirectory() as folder:
        first, second = Path(folder, FILE[Kind.Y]), Path(folder, FILE[Kind.K])
        first.write_bytes(frame.document)
        second.write_bytes(frame.second or frame.document)
        with _in_time(frame.name):
            found = (check_pair if frame.name == "pair" else check_berat)(first, second)
        _check_texts(found)
        same = frame.second in (b"", frame.document)
        if frame.name == "pair" and same and set(found.counts) and "okunamadığı" not in _all(found):
            raise Broken("a ledger differs from itself", _all(found)[:500])


def _all(found: Iterable[Finding]) -> str:
    return " ".join(item.message_tr for item in found)


def _check_zip(frame: Frame) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "paket.zip")
        path.write_bytes(frame.document)
        with _in_time("zip"), open_inputs([path]) as inputs:
            for item in inputs:
                _check_texts(item.findings)
                if item.file is None:
                    continue
                inside = item.file.resolve()
                if Path(folder).resolve() in inside.parents:
                    raise Broken("a member was unpacked beside the zip", item.shown)
                with item.file.open("rb") as stream:
                    report = validate(stream, item.name, limit_per_rule=20)
                _check_texts(report.findings)
