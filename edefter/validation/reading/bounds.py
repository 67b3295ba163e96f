"""How much of a document may pile up in memory: what is not an entry stays in the tree.

A real document has some hundred elements outside its entries. A hostile one has millions, or one
with a million attributes, so what the parser is given is counted and the tree is weighed now and
then. Each weighing comes after half a limit's worth of new input: its cost is a constant share.
"""

from __future__ import annotations

from lxml import etree

from edefter.validation.reading.trouble import TooLarge

ITEMS = 300_000
"""Elements, attributes and namespace declarations that stay in the tree (about 100 MB)."""

BYTES = 32 << 20
"""Size of what stays in the tree, attachments left out."""

ATTRIBUTES = 10_000
"""Attributes and namespace declarations of one element."""

BATCH_BYTES = 2 << 20
"""Input after which pieces are handed out although they hold few lines."""

_COMMON_ATTRIBUTES = 16  # per element; only beyond this many they may be a heap


class Bounds:
    """Counts what a parser is given and weighs what it has kept.

    Bytes are counted, not characters: in every encoding that is read, `<`, `=` and quotes are
    written with their ASCII bytes.
    """

    def __init__(self) -> None:
        self._items = 0
        self._bytes = 0
        self._attributes = 0
        self._quiet_bytes = 0
        self.batch_bytes = 0  # since the last pieces were handed out, for the reader to reset

    def before(self, data: bytes) -> None:
        """Take over what the parser gets next.

        Raises:
            TooLarge: one element has more than `ATTRIBUTES` attributes.
        """
        elements = data.count(b"<")
        attributes = min(data.count(b"="), (data.count(b'"') + data.count(b"'")) // 2)
        heap = self._attributes + attributes - _COMMON_ATTRIBUTES * elements
        self._attributes = max(0, heap)
        if self._attributes > ATTRIBUTES:
            raise TooLarge("limit_attributes", limit=ATTRIBUTES)
        self._items += elements + attributes
        self._bytes += len(data)
        self._quiet_bytes += len(data)
        self.batch_bytes += len(data)

    def after(self, root: etree._Element | None, *, moved: bool) -> None:
        """Weigh the tree when enough was read since the last time.

        Args:
            root: the document's root; None while nothing was handed out, so that all is kept.
            moved: whether an entry, a line or an attachment began or ended; a comment or a text
                that does not end is in no tree yet.

        Raises:
            TooLarge: more than `ITEMS` items or `BYTES` bytes have stayed.
        """
        if moved:
            self._quiet_bytes = 0
        elif self._quiet_bytes > BYTES:
            raise TooLarge("limit_outside", items=ITEMS, size=BYTES >> 20)
        if self._items <= ITEMS // 2 and self._bytes <= BYTES // 2:
            return
        if root is not None:
            written = etree.tostring(root, encoding="utf-8")
            elements = written.count(b"<") - written.count(b"</")
            items, size = elements + written.count(b'="'), len(written)
            self._items = self._bytes = 0
        else:
            items, size = self._items, self._bytes
        if items > ITEMS or size > BYTES:
            raise TooLarge("limit_outside", items=ITEMS, size=BYTES >> 20)
