"""What is known of all entries of a ledger once they were judged without any finding.

A ledger is judged before it is signed, and again as the signed file. Between the two only its end
changes: the signature is put in before the root's end tag. So the second time its entries need not
be judged once more, if their bytes are the same: they are read and hashed, and everything that
stands outside of them is judged anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from edefter.model.documents import Kind
from edefter.validation.gathering.reading import Reading
from edefter.validation.xpath import Value


@dataclass(frozen=True, slots=True)
class Counted:
    """What the engine has counted when it stands behind the last entry.

    Args:
        entries, lines: how many.
        debit_kurus, credit_kurus: sums of the lines.
        first_counter, last_counter: numbers of the first and last entry, as written.
        last_date: of the last entry.
        first_line, last_line: numbers of the first and last line, as written.
    """

    entries: int
    lines: int
    debit_kurus: int
    credit_kurus: int
    first_counter: Value
    last_counter: Value
    last_date: Value
    first_line: Value
    last_line: Value


@dataclass(frozen=True, slots=True)
class EntriesProof:
    """Says of the beginning of a file that it holds a clean head and clean entries.

    Args:
        name, kind: the file it was proven of; rules compare the name.
        size_bytes: of that beginning, which ends behind the last entry.
        sha256: of these bytes, lower-case hex.
        line: of the file, on which the byte behind them stands; counted from 1.
        canonical: whether they are their own canonical form, as far as they go.
        counted: what the engine counted in them.
        reading: what was gathered of the lines.
    """

    name: str
    kind: Kind
    size_bytes: int
    sha256: str
    line: int
    canonical: bool
    counted: Counted
    reading: Reading | None


@dataclass(frozen=True, slots=True)
class Insertion:
    """Something that was put into a file before its last bytes.

    Args:
        offset: where it begins, in bytes.
        rest: the bytes that stood there before, up to the end.
    """

    offset: int
    rest: bytes
