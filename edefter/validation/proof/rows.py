"""A match of the pattern as the records that the rules are declared over."""

from __future__ import annotations

from edefter.validation.proof.fields import HEAD_GROUPS, LINE_GROUPS
from edefter.validation.records import Account, Detail, Header

Row = tuple[bytes, ...]
_HEAD_SLOTS = [(index, slot) for index, slot in enumerate(HEAD_GROUPS) if ":" not in slot]
_LINE_SLOTS = [(index, slot) for index, slot in enumerate(LINE_GROUPS) if ":" not in slot]
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
    for index, slot in _HEAD_SLOTS:
        if row[index]:
            fields[slot] = text(row[index])
    return header


def detail_of(values: Row, header: Header) -> Detail:
    """The line of a row.

    Args:
        values: texts in the order of `LINE_GROUPS`.
        header: its entry.
    """
    detail = Detail(header)
    fields = detail.__dict__
    for index, slot in _LINE_SLOTS:
        if values[index]:
            fields[slot] = text(values[index])
    account = Account()
    detail.accounts.append(account)
    account.main = fields["main"]
    account.main_description = fields["main_description"]
    sub = fields.get("sub")
    if sub is not None:
        detail.sub_count = 1
        account.subs.append(sub)
    return detail
