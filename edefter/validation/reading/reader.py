"""Streams a document: entries are handed out piece by piece and taken out of the tree.

What remains is the document without its entries, so memory does not grow with the file. Of every
run of entries (and of lines, in a very long entry) one empty element stays, because the schema's
content model cannot tell one from many: validating the rest and the pieces separately is the same
as validating the whole. A piece is moved out only when the parser has gone past it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Any, cast

from lxml import etree

from edefter.validation import names
from edefter.validation.reading.bounds import BATCH_BYTES, Bounds
from edefter.validation.reading.extract import Element, read_detail, read_header
from edefter.validation.reading.handler import Handler, Piece
from edefter.validation.reading.malformed import refuse_lost_errors
from edefter.validation.reading.offsets import TRACKED, Offsets
from edefter.validation.reading.strays import last_carrier, read_lines, read_stray
from edefter.validation.records import Detail, Header
from edefter.validation.xpath import Value

# No entity is ever declared, for DTDs are refused. With False, lxml would stop without a word at an
# undeclared one and take what follows for a new document. (The type stubs know only booleans.)
_ENTITIES: Any = "internal"
_CHUNK_BYTES = 64 * 1024
_CARRY_BYTES = 64 * 1024  # of an incomplete tag; a text may be longer
_BATCH_LINES = 256  # lines per schema piece
LONG_ENTRY_LINES = 256  # from here on the lines of one entry are handed out before its end


class Reader:
    """One pass over a document.

    Args:
        handler: takes what is found.
        offsets: told where elements stand.
        late_fields: header fields by ordinal that an earlier pass found after the lines.
        long_entry_lines: lines of an entry with more than these are handed out before its end.
    """

    def __init__(
        self,
        handler: Handler,
        offsets: Offsets | None = None,
        *,
        late_fields: Mapping[int, Mapping[str, Value]] | None = None,
        long_entry_lines: int = LONG_ENTRY_LINES,
    ) -> None:
        self._handler = handler
        self._offsets = offsets or Offsets()
        self._carry = b""  # a tag that is not complete yet
        self._offset = 0
        self._known_fields = late_fields or {}
        self._long = long_entry_lines
        self.late_fields: dict[int, Mapping[str, Value]] = {}
        self._entries: Element | None = None
        self._open: Element | None = None
        self._open_count = 0
        self._partial: Header | None = None
        self._kept_lines: list[Element] = []
        self._pending: list[tuple[Element, Header | None, list[Element]]] = []
        self._ordinal = 0
        self._begun = False
        self._root: Element | None = None
        self._batch: Element | None = None
        self._batch_lines = 0
        self._batch_is_usual = True
        self._declares_inside = False
        self.entry_ended = False
        self.line_ended = False
        self.in_attachment = False  # inside a binaryObject
        self._bounds = Bounds()
        self._parser = etree.XMLPullParser(
            events=("start", "end", "start-ns"),
            tag=TRACKED,
            resolve_entities=_ENTITIES,
            no_network=True,
            load_dtd=False,
            huge_tree=True,
            remove_comments=True,
            remove_pis=True,
            collect_ids=False,
        )

    def feed(self, data: bytes, offset: int | None = None) -> None:
        """Read on; afterwards `entry_ended` and `line_ended` say what closed in these bytes.

        Args:
            data: the next bytes.
            offset: of its first byte in the file; None = these bytes are not in the file.

        Raises:
            lxml.etree.XMLSyntaxError: the document is not well-formed.
        """
        self.entry_ended = self.line_ended = False
        carry, self._carry = self._carry, b""
        if offset is None or (carry and self._offset + len(carry) != offset):
            self._read(carry)
            carry = b""
        if offset is None:
            self._read(data)
            return
        self._offset, data = offset - len(carry), carry + data
        whole = data.rfind(b">") + 1
        if len(data) - whole < _CARRY_BYTES:
            data, self._carry = data[:whole], data[whole:]
        self._read(data)
        self._offset += len(data)

    def _read(self, data: bytes) -> None:
        if data:
            self._bounds.before(data)
            self._parser.feed(data)
            refuse_lost_errors(self._parser)
            moved = self._take_events(data)
            self._bounds.after(self._root, moved=moved)
            if self._bounds.batch_bytes > BATCH_BYTES:
                self.flush_batch()

    def close(self) -> Element:
        """End of the document.

        Returns:
            the root without its entries.

        Raises:
            lxml.etree.XMLSyntaxError: the document is not well-formed.
        """
        if self._carry:
            self._parser.feed(self._carry)
        refuse_lost_errors(self._parser)
        root: Element = self._parser.close()
        self._take_events()
        self._flush_pending(keep=0)
        self.flush_batch()
        carrier = last_carrier(root)
        if carrier is not None:
            self._handler.stray(read_stray(carrier), None)
        return root

    def run(self, read: Callable[[int], bytes]) -> Element:
        """Read to the end.

        Args:
            read: gives the next bytes, empty at the end.

        Returns:
            the root without its entries.

        Raises:
            lxml.etree.XMLSyntaxError: the document is not well-formed.
            OSError: the stream cannot be read.
        """
        offset = 0
        while chunk := read(_CHUNK_BYTES):
            self.feed(chunk, offset)
            offset += len(chunk)
        return self.close()

    # for readers of bytes that stand before this one ------------------------------------------
    @property
    def entries(self) -> Element | None:
        """The open accountingEntries, if the parser is inside one."""
        return self._entries

    @property
    def open_entry(self) -> Element | None:
        """The open entryHeader, if the parser is inside one."""
        return self._open

    def flush(self, *, is_usual: bool = False) -> None:
        """Hand out the entries that are complete; the parser must stand right behind one.

        There the parser holds on to nothing that is moved: text that follows will find no text
        node before it to go on with.

        Args:
            is_usual: their attributes hold nothing that a rule could object to.
        """
        self._flush_pending(keep=0, is_usual=is_usual)

    def skip(self, entries: int) -> None:
        """Count entries that others have judged."""
        self._ordinal += entries

    def begin_lines(self) -> Header:
        """The record of the open entry, whose head is complete, before its lines are elided.

        An empty line is left in their place, for the schema to see that lines stood there.
        """
        entry = self._open
        assert entry is not None
        self._begin(entry)
        self._flush_pending(keep=0)
        if self._partial is None:
            self._partial = self._new_header(entry)
        return self._partial

    def keep_last_line(self) -> None:
        """The line that just ended is a placeholder: it is left where it is and not judged."""
        assert self._open is not None
        self._kept_lines.append(self._open[-1])
        self._open_count = 0

    def flush_lines(self) -> None:
        """Hand out all lines of the open entry; the parser must stand right behind one."""
        if self._open is not None:
            self._part(self._open, None)

    def _take_events(self, data: bytes = b"") -> bool:
        events = list(self._parser.read_events())
        started = [cast(Element, item) for event, item in events if event == "start"]
        self._offsets.note(started, data, self._offset)
        for event, item in events:
            if event == "end":
                self._end(cast(Element, item))
            elif event == "start":
                self._start(cast(Element, item))
            elif self._entries is not None:
                self._declares_inside = True
        return bool(events)

    def _start(self, element: Element) -> None:
        if element.tag == names.ATTACHMENT:
            self.in_attachment = True
            return
        tag, parent = element.tag, element.getparent()
        if parent is None:
            return
        if tag == names.HEADER:
            if parent is self._entries and self._open is None:
                self._open, self._open_count = element, 0
        elif tag == names.ENTRIES and self._entries is None and parent.tag == names.XBRL:
            above = parent.getparent()
            if above is not None and above.getparent() is None:
                self._entries = element

    def _end(self, element: Element) -> None:
        if element.tag == names.ATTACHMENT:
            self.in_attachment = False
            return
        if element.tag == names.DETAIL:
            if element.getparent() is self._open and self._open is not None:
                self._open_count += 1
                self.line_ended = True
                if self._open_count > self._long:
                    self._part(self._open, element)
            elif self._open is None:
                self._stray(element)
        elif element is self._open:
            self._pending.append((element, self._partial, self._kept_lines))
            self._open, self._partial, self._kept_lines = None, None, []
            self.entry_ended = True
            self._flush_pending(keep=1)
        elif element is self._entries:
            self._flush_pending(keep=0)
            self.flush_batch()
            self._entries = None
        elif element.tag == names.HEADER and self._open is None:
            self._stray(element)

    def _stray(self, element: Element) -> None:
        if self._ordinal or self._pending:  # else nothing stands before it
            self._flush_pending(keep=0)
            self._handler.stray(read_stray(element), None)

    def _begin(self, element: Element) -> None:
        if not self._begun:
            self._begun = True
            self._root = element.getroottree().getroot()
            self._handler.begin(self._root)

    # long entries ---------------------------------------------------------------------------
    def _part(self, entry: Element, last: Element | None) -> None:
        self._begin(entry)
        self._flush_pending(keep=0)
        if self._partial is None:
            self._partial = self._new_header(entry)
        header = self._partial
        # `last` stays: the parser may still hold on to it, and what follows it is not complete.
        children = takewhile(lambda item: item is not last, _children(entry, self._kept_lines))
        looked_at = list(children)
        done = self._hand_lines(looked_at, header)
        # What stays in the entry is not looked at again.
        self._kept_lines += [item for item in looked_at if item.tag != names.DETAIL and len(item)]
        self.flush_batch()
        scope = self._scope(entry)
        holder = None if scope is None else etree.SubElement(scope, names.HEADER)
        for item in done:
            if not _follows(item, names.DETAIL):
                kept = etree.Element(names.DETAIL)
                item.addprevious(kept)
                self._kept_lines.append(kept)
            if holder is None:
                self._hand_out_copy(item, entry, header)
            else:
                holder.append(item)
        if scope is not None and done:
            self._hand_out(Piece(scope, header))
        self._open_count = 0 if last is None else 1

    def _hand_lines(self, children: list[Element], header: Header) -> list[Element]:
        details, strays = read_lines(children, header, self._detail)
        self._handler.lines(header, details)
        for stray in strays:
            self._handler.stray(stray, header)
        return [item for item in children if item.tag == names.DETAIL]

    def _detail(self, line: Element, header: Header) -> Detail:
        detail = read_detail(line, header)
        detail.byte_offset = self._offsets.of(line)
        return detail

    def _read_header(self, entry: Element) -> Header:
        header = read_header(entry, self._ordinal)
        header.byte_offset = self._offsets.of(entry)
        return header

    def _new_header(self, entry: Element) -> Header:
        header = self._read_header(entry)
        for name, value in self._known_fields.get(self._ordinal, {}).items():
            if value is not None:
                header.__dict__[name] = value
        return header

    # whole entries --------------------------------------------------------------------------
    def _flush_pending(self, keep: int, *, is_usual: bool = False) -> None:
        while len(self._pending) > keep:
            element, partial, kept_lines = self._pending.pop(0)
            self._begin(element)
            header = self._complete(element, partial)
            lines = self._hand_lines(_children(element, kept_lines), header)
            parent = element.getparent()
            assert parent is not None
            self._handler.header(header, parent)
            self._ordinal += 1
            self._take_out(element, parent, header, len(lines))
            self._batch_is_usual &= is_usual
            if self._batch_lines >= _BATCH_LINES:
                self.flush_batch()

    def _complete(self, element: Element, partial: Header | None) -> Header:
        if partial is None:
            return self._read_header(element)
        final = self._read_header(element)
        if final.fields() != partial.fields():
            self.late_fields[self._ordinal] = final.fields()
        for name, value in vars(final).items():
            if name in type(final).__dict__ or name == "xml_line":
                partial.__dict__[name] = value
        return partial

    def _take_out(self, element: Element, parent: Element, header: Header, lines: int) -> None:
        if not _follows(element, names.HEADER):
            element.addprevious(etree.Element(names.HEADER))
        if self._batch is None or self._declares_inside:
            self.flush_batch()
            self._batch = self._scope(parent)
        if self._batch is None:
            self._hand_out_copy(element, parent, header)
            return
        self._batch.append(element)
        self._batch_lines += lines + 1

    def flush_batch(self) -> None:
        """Hand out the entries that wait to be handed out together."""
        self._bounds.batch_bytes = 0
        if self._batch is not None:
            self._hand_out(Piece(self._batch, is_usual=self._batch_is_usual))
            self._batch_is_usual = True
            self._batch, self._batch_lines = None, 0

    def _scope(self, element: Element) -> Element | None:
        """A new accountingEntries with the declarations in scope; None = pieces must be copied."""
        if self._declares_inside:
            return None
        scope: Any = element.nsmap
        try:
            made = etree.Element(names.ENTRIES, nsmap=scope)
            self._offsets.same(element, made)
            return made
        except ValueError:  # a declared URI that lxml writes nowhere itself
            self._declares_inside = True
            return None

    def _hand_out_copy(self, element: Element, parent: Element, header: Header) -> None:
        # Moving a node drops declarations that its new parent repeats, but a QName in text may
        # need them; a serialised copy keeps all that are in scope.
        tail, element.tail = element.tail, None
        # In UTF-8, because ASCII has no way to write a prefix like `ş`.
        copy = etree.fromstring(etree.tostring(element, encoding="utf-8"), _copy_parser())
        self._offsets.copy(element, copy)
        before = element.getprevious()
        if tail and tail.strip() and before is not None:
            before.tail = (before.tail or "") + tail  # stray text stays for the schema to see
        parent.remove(element)
        self._offsets.forget(element)
        self._hand_out(Piece(copy, header))

    def _hand_out(self, piece: Piece) -> None:
        self._handler.piece(piece)
        self._offsets.forget(piece.root)


def _children(entry: Element, kept: list[Element]) -> list[Element]:
    if not kept:
        return list(entry)
    known = set(map(id, kept))  # they are alive, so their ids are their own
    return [item for item in entry if id(item) not in known]


def _follows(element: Element, tag: str) -> bool:
    before = element.getprevious()
    return before is not None and before.tag == tag


def _copy_parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, collect_ids=False
    )
