"""Places in the accountant's terms, and the fields that messages name."""

from __future__ import annotations

from typing import Any

from edefter.model.finding import Place
from edefter.validation import names
from edefter.validation.judging.order import Step
from edefter.validation.names import FIELDS, readable
from edefter.validation.reading.extract import Element, read_detail, read_header
from edefter.validation.reading.offsets import Offsets
from edefter.validation.records import Detail, Document, Header, Measurable, Record
from edefter.validation.wording import cut, shown
from edefter.validation.xpath import each


def _first(value: Any) -> str:
    texts = each(value)
    return cut(texts[0].strip(), 40) if texts else ""


def place_of(record: Record | None, file: str, field: str, offsets: Offsets) -> Place:
    """Where a record stands."""
    if isinstance(record, Step):
        return place_of(record.record, file, field, offsets)
    if isinstance(record, Measurable):
        record = record.detail
    detail = record if isinstance(record, Detail) else None
    header = detail.header if detail is not None else record
    line = record.xml_line if record is not None else None
    offset = record.byte_offset if record is not None else None
    element = FIELDS.get(field, field)
    if not isinstance(header, Header):
        if record is not None and offset is None:
            offset = offsets.of(record.element)
        return Place(file=file, field=element, xml_line=line, byte_offset=offset)
    first = detail or header.first
    is_kebir = header.counter is None and header.entry_number is None
    entry = _first(header.counter) or (_first(detail.line_counter) if detail is not None else "")
    return Place(
        file=file,
        voucher=_first(header.entry_number)
        or (_first(detail.document_reference) if detail is not None else ""),
        entry_no=entry,
        line_no=_first(detail.line_number) if detail is not None else "",
        account=(_first(first.sub) or _first(first.main))
        if first is not None and (detail is not None or is_kebir)
        else "",
        field=element,
        xml_line=line,
        byte_offset=offset,
    )


def place_of_element(element: Element, file: str, header: Header | None, offsets: Offsets) -> Place:
    """Where an element stands, by the entry and line around it."""
    above = [element, *element.iterancestors()]
    entry = next((item for item in above if item.tag == names.HEADER), None)
    line = next((item for item in above if item.tag == names.DETAIL), None)
    if header is None and entry is not None:
        header = read_header(entry, 0)
        first = entry.find(names.DETAIL)
        header.first = read_detail(first, header) if first is not None else None
    record: Record | None = header
    if line is not None and header is not None:
        record = read_detail(line, header)
    place = place_of(record, file, readable(element.tag), offsets)
    return Place(
        file=place.file,
        voucher=place.voucher,
        entry_no=place.entry_no,
        line_no=place.line_no,
        account=place.account,
        field=place.field,
        xml_line=offsets.line_of(element),
        byte_offset=offsets.of(element),
    )


class View(dict[str, Any]):
    """Fills a message from a record's fields, then from the document's."""

    def __init__(self, record: Record | Document, document: Document) -> None:
        super().__init__()
        self._record = record
        self._document = document

    def __missing__(self, key: str) -> Any:
        for source in (self._record, self._document):
            if hasattr(source, key):
                value = getattr(source, key)
                return value if key == "accounts" else shown(value)
        return "?"
