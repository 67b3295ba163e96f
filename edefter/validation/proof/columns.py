"""Matched lines as columns, and whether XML allows all of their texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edefter.validation.proof.fields import KEBIR_HEAD, LINE, YEVMIYE_HEAD, Content, Leaf
from edefter.validation.proof.rows import Row

Columns = Mapping[str, tuple[bytes, ...]]
_WORDS = (Content.TEXT, Content.FREE)  # all others are plain ASCII, for they were matched so


class Groups:
    """What the groups of a pattern hold.

    Args:
        head: elements of an entry that stand in the row of its first line.
        line: elements of a line.
    """

    def __init__(self, head: Sequence[Leaf], line: Sequence[Leaf]) -> None:
        self._skip = len(head)
        self._names = [leaf.slot or leaf.name for leaf in line]
        self._words = [index for index, leaf in enumerate([*head, *line]) if leaf.content in _WORDS]

    def columns(self, rows: Sequence[Row]) -> tuple[Columns, int, bool]:
        """The texts of lines by field.

        Args:
            rows: groups of matches, at least one.

        Returns:
            The columns of the line's elements; how many leading rows hold only texts that XML
            allows (broken UTF-8, U+FFFE and U+FFFF end them); and whether all texts are written as
            canonical XML writes them.
        """
        table = list(zip(*rows, strict=True))
        is_good, canonical = look_over([b"\t".join(table[index]) for index in self._words])
        good = len(rows)
        if not is_good:
            good = next(index for index, row in enumerate(rows) if not look_over(row)[0])
        columns = {
            name: column[:good]  # no copy when it is all of it
            for name, column in zip(self._names, table[self._skip :], strict=False)
        }
        return columns, good, canonical


def look_over(texts: Sequence[bytes]) -> tuple[bool, bool]:
    """Look at matched texts for what the pattern does not see.

    Returns:
        Whether XML allows all of them (UTF-8, neither U+FFFE nor U+FFFF), and whether all are
        written as canonical XML writes them.
    """
    words = b"\t".join(texts)
    canonical = b">" not in words and (
        b"&" not in words or not (b"&quot;" in words or b"&apos;" in words)
    )
    return _is_allowed(words), canonical


def _is_allowed(words: bytes) -> bool:
    if words.isascii():
        return True
    try:
        words.decode()
    except UnicodeDecodeError:
        return False
    return b"\xef" not in words or not (b"\xef\xbf\xbe" in words or b"\xef\xbf\xbf" in words)


YEVMIYE = Groups(YEVMIYE_HEAD, LINE)
KEBIR = Groups((), LINE)
KEBIR_ACCOUNT = Groups((), KEBIR_HEAD)
