"""A match of the pattern as the records that the rules are declared over."""

from __future__ import annotations

from edefter.validation.proof.fields import HEAD_GROUPS, KEBIR_GROUPS, LINE_GROUPS
from edefter.validation.records import Account, Detail, Header

Row = tuple[bytes, ...]  # b"" = the element is missing
LooseRow = tuple[bytes | None, ...]  # None = it is missing
_HEAD_SLOTS = [(index, slot) for index, slot in enumerate(HEAD_GROUPS) if ":" not in slot]
_ACCOUNT_SLOTS = [(index, slot) for index, slot in enumerate(KEBIR_GROUPS) if ":" not in slot]
_LINE_SLOTS = [(index, slot) for index, slot in enumerate(LINE_GROUPS) if ":" not in slot]
_ENTITIES = ((b"&lt;", b"<"), (b"&gt;", b">"), (b"&quot;", b'"'), (b"&apos;", b"'"))


def text(raw: bytes) -> str:
    """The characters that a matched text stands for."""
    if b"&" in raw:
        for entity, character in _ENTITIES:
            raw = raw.replace(entity, character)
        raw = raw.replace(b"&amp;", b"&")
    return raw.decode()


def header_of(row: Row | LooseRow, missing: bytes | None = b"") -> Header:
    """The entry whose head stands in a yevmiye row, its groups in the order of `HEAD_GROUPS`."""
    return _header(_HEAD_SLOTS, row, missing)


def account_header_of(row: Row) -> Header:
    """The entry of a kebir whose head was matched, its groups in the order of `KEBIR_GROUPS`."""
    return _header(_ACCOUNT_SLOTS, row, b"")


def _header(slots: list[tuple[int, str]], row: Row | LooseRow, missing: bytes | None) -> Header:
    header = Header(0)
    fields = header.__dict__
    for index, slot in slots:
        raw = row[index]
        if raw != missing:
            fields[slot] = text(raw or b"")
    return header


def detail_of(values: Row | LooseRow, header: Header, missing: bytes | None = b"") -> Detail:
    """The line of a row.

    Args:
        values: texts in the order of `LINE_GROUPS`.
        header: its entry.
        missing: what stands for an element that is not there.
    """
    detail = Detail(header)
    fields = detail.__dict__
    for index, slot in _LINE_SLOTS:
        raw = values[index]
        if raw != missing:
            fields[slot] = text(raw or b"")
    account = Account()
    detail.accounts.append(account)
    account.main = fields.get("main")
    account.main_description = fields.get("main_description")
    sub = fields.get("sub")
    if sub is not None:
        detail.sub_count = 1
        account.subs.append(sub)
    return detail
