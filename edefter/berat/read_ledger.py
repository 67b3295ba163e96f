"""What a berat takes from its ledger, read in one pass with constant memory.

expat calls us for every element; text is collected only inside the few that count, and the head
(everything before the first entryHeader) is kept as bytes, since the berat copies it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

from edefter.errors import DataError
from edefter.model.files import SignedFile
from edefter.model.turnover import Movements, Turnover
from edefter.xmlsig.names import DS

GL_COR = "http://www.xbrl.org/int/gl/cor/2006-10-25"

_CHUNK_BYTES = 1 << 20
_HEAD_LIMIT_BYTES = 4 << 20
_AMOUNT = re.compile(r"([0-9]+)(?:\.([0-9]{1,2}))?", flags=re.ASCII)
_SIDES = {"D": "D", "debit": "D", "C": "C", "credit": "C"}

_ENTRIES = f"{GL_COR} accountingEntries"
_HEADER = f"{GL_COR} entryHeader"
_DETAIL = f"{GL_COR} entryDetail"
_MAIN = f"{GL_COR} accountMainID"
_NAME = f"{GL_COR} accountMainDescription"
_AMOUNT_NAME = f"{GL_COR} amount"
_SIDE = f"{GL_COR} debitCreditCode"
_SIGNATURE = f"{DS} Signature"
_VALUE = f"{DS} SignatureValue"


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """What one pass over a signed ledger found.

    Args:
        head: the document from its root's start tag to the end of accountingEntries, without
            entryHeaders and without anything after it; well-formed.
        entry_headers: number of entryHeader.
        turnovers: by main account, of those that were asked for and occur.
        signature_value: text of the ledger's ds:SignatureValue without white space.
        size_bytes, sha256: of the file as read.
    """

    head: bytes
    entry_headers: int
    turnovers: dict[str, Turnover]
    signature_value: str
    size_bytes: int
    sha256: str


class _Reader:
    def __init__(self, file_name: str, accounts: Collection[str] | None) -> None:
        self.file_name = file_name
        self.accounts = accounts
        self.headers = 0
        self._sums: dict[str, list[int]] = {}  # debit, credit, lines of each
        self._names: dict[str, str] = {}
        self._wanted = {_MAIN, _AMOUNT_NAME, _SIDE, _VALUE}
        if accounts is None:
            self._wanted.add(_NAME)
        self.signature_value = ""
        self.root_at = -1
        self.head_end = -1  # offset where the head is cut
        self.open_tags: list[str] = []  # tags to close behind the cut
        self.encoding = ""
        self._stack: list[str] = []
        self._text: list[str] = []
        self._account = self._name = self._amount = self._side = ""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._head_start
        parser.EndElementHandler = self._head_end
        self.parser = parser

    # --- before the first entryHeader

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.encoding = encoding or "UTF-8"

    def _doctype(self, *_: Any) -> None:
        raise self.unusable("DOCTYPE")

    def _head_start(self, name: str, _attributes: dict[str, str]) -> None:
        if self.root_at < 0:
            self.root_at = self.parser.CurrentByteIndex
        if _plain(name) == _HEADER:
            self._cut()
            self._start(name, _attributes)
            return
        self._stack.append(name)

    def _head_end(self, name: str) -> None:
        if _plain(name) == _ENTRIES:
            self._cut()
        self._stack.pop()

    def _cut(self) -> None:
        self.head_end = self.parser.CurrentByteIndex
        self.open_tags = [_tag(name) for name in reversed(self._stack)]
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    # --- the bulk

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        kind = name.rpartition(" ")[0]
        if kind in self._wanted:
            self._text = []
            self.parser.CharacterDataHandler = self._text.append
        elif kind == _HEADER:
            self.headers += 1
        elif kind == _DETAIL:
            self._account = self._name = self._amount = self._side = ""
        elif kind == _SIGNATURE:
            self.signature_value = ""

    def _end(self, name: str) -> None:
        kind = name.rpartition(" ")[0]
        if kind == _DETAIL:
            self._add()
        elif kind in self._wanted:
            text = "".join(self._text).strip()
            self.parser.CharacterDataHandler = None
            if kind == _MAIN:
                self._account = text
            elif kind == _AMOUNT_NAME:
                self._amount = text
            elif kind == _SIDE:
                self._side = text
            elif kind == _NAME:
                self._name = text
            else:
                self.signature_value = self.signature_value or "".join(text.split())

    def _add(self) -> None:
        if self.accounts is not None and self._account not in self.accounts:
            return
        # `undefined` is valid for the schema, but leaving its amount out would be a false berat.
        side = _SIDES.get(self._side)
        match = _AMOUNT.fullmatch(self._amount)
        if side is None or match is None or not self._account:
            detail = f"{self._account} {self._side or '-'} {self._amount or '-'}"
            raise self.unusable(detail)
        kurus = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
        sums = self._sums.get(self._account)
        if sums is None:
            sums = self._sums[self._account] = [0, 0, 0, 0]
            self._names[self._account] = self._name
        at = 0 if side == "D" else 1
        sums[at] += kurus
        sums[at + 2] += 1

    def turnovers(self) -> dict[str, Turnover]:
        return {
            account: Turnover(
                name=self._names[account],
                debit_kurus=sums[0],
                credit_kurus=sums[1],
                debit_lines=sums[2],
                credit_lines=sums[3],
            )
            for account, sums in self._sums.items()
        }

    def unusable(self, detail: str) -> DataError:
        return DataError("berat.ledger_unusable", file=self.file_name, detail=detail)


def _plain(name: str) -> str:
    """`namespace local` of expat's `namespace local prefix`."""
    return name.rpartition(" ")[0] if name.count(" ") == 2 else name


def _tag(name: str) -> str:
    """The tag name as written in the document."""
    parts = name.split(" ")
    return f"{parts[2]}:{parts[1]}" if len(parts) == 3 else parts[-1]


def read_ledger(path: Path, *, accounts: Collection[str] | None) -> LedgerFacts:
    """Read a signed yevmiye, kebir or envanter once.

    Args:
        path: the finished file.
        accounts: main accounts to sum up; None = all, with their names. An envanter has no sides
            to sum.

    Raises:
        DataError: not readable as a signed ledger, or an amount or side of such an account is
            not of the written form.
        OSError: the file cannot be read.
    """
    reader = _Reader(path.name, accounts)
    size_bytes, sha256, head = _pass(path, reader, all_of_it=True)
    _feed(reader, b"", final=True)
    if not reader.signature_value:
        raise reader.unusable("ds:SignatureValue")
    return LedgerFacts(
        head=head,
        entry_headers=reader.headers,
        turnovers=reader.turnovers(),
        signature_value=reader.signature_value,
        size_bytes=size_bytes,
        sha256=sha256,
    )


def read_head(ledger: SignedFile, known: Movements) -> LedgerFacts:
    """Read the head of a ledger of ours whose entries were counted when it was written.

    Args:
        ledger: the record of what was signed.
        known: what was counted.

    Returns:
        Head and size as they lie there; all else as recorded.

    Raises:
        DataError: not readable as a ledger.
        OSError: the file cannot be read.
    """
    reader = _Reader(ledger.file.path.name, ())
    _, _, head = _pass(ledger.file.path, reader, all_of_it=False)
    return LedgerFacts(
        head=head,
        entry_headers=known.entries,
        turnovers=dict(known.turnovers),
        signature_value=ledger.signature_value,
        size_bytes=ledger.file.path.stat().st_size,
        sha256=ledger.file.sha256,
    )


def _pass(path: Path, reader: _Reader, *, all_of_it: bool) -> tuple[int, str, bytes]:
    """Parse and hash the whole file, or what holds its head; size in bytes, SHA-256, head."""
    digest = hashlib.sha256()
    size, head = 0, bytearray()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
            if reader.head_end < 0:
                head += chunk
                if len(head) > _HEAD_LIMIT_BYTES + _CHUNK_BYTES:
                    raise reader.unusable("entryHeader")
            elif not all_of_it:
                break
            size += len(chunk)
            _feed(reader, chunk, final=False)
    if reader.head_end < 0:
        raise reader.unusable("accountingEntries")
    if reader.encoding.upper() != "UTF-8":
        raise reader.unusable(reader.encoding)
    closing = "".join(f"</{tag}>" for tag in reader.open_tags)
    return (
        size,
        digest.hexdigest(),
        bytes(head[reader.root_at : reader.head_end]) + closing.encode(),
    )


def _feed(reader: _Reader, chunk: bytes, *, final: bool) -> None:
    try:
        reader.parser.Parse(chunk, final)
    except expat.ExpatError as error:
        raise reader.unusable(str(error)) from None
