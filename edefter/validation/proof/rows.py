"""A match of the pattern as the records that the rules are declared over."""

from __future__ import annotations

from edefter.validation.proof.fields import HEAD_SLOTS, LINE_SLOTS
from edefter.validation.records import Account, Detail, Header

Row = tuple[bytes, ...]
_ENTITIES = ((b"&lt;", b"<"), (b"&gt;", b">"), (b"&quot;", b'"'), (b"&apos;", b"'"))


def text(raw: bytes) -> str:
    """The characters that a matched text stands for."""
    if b"&" in raw:
        for entity, character in _ENTITIES:
            raw = raw.replace(entity, character)
        raw = raw.replace(b"&amp;", b"&")
    return raw.decode()


def header_of(row: Row, ordinal: int) -> Header:
    """The entry whose head stands in a yevmiye row."""
    header = Header(ordinal)
    fields = header.__dict__
    for slot, raw in zip(HEAD_SLOTS, row, strict=False):
        if raw:
            fields[slot] = text(raw)
    return header


def detail_of(values: Row, header: Header) -> Detail:
    """The line of a row.

    Args:
        values: texts in the order of `LINE_SLOTS`.
        header: its entry.
    """
    detail = Detail(header)
    fields = detail.__dict__
    for slot, raw in zip(LINE_SLOTS, values, strict=False):
        if raw:
            fields[slot] = text(raw)
    account = Account()
    detail.accounts.append(account)
    account.main = fields["main"]
    account.main_description = fields["main_description"]
    sub = fields.get("sub")
    if sub is not None:
        detail.sub_count = 1
        account.subs.append(sub)
    return detail
