"""How this document is spelled, as far as the parser has accepted it, and the patterns of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edefter.validation.judging.engine import Engine
from edefter.validation.proof.layout import Layout
from edefter.validation.proof.loose import LooseProof
from edefter.validation.proof.pattern import Patterns, compile_patterns
from edefter.validation.reading.extract import Element
from edefter.validation.records import Document

_MAX_COMPILED = 40
_MAX_GAP = 256  # segments between two lessons


class Lessons:
    """Learns from what the parser has read without complaint.

    Args:
        prefixes: prefix → namespace in scope of the entries; None = default namespace.
        document: the head, which does not change any more.
        yevmiye: whether entries are those of a yevmiye.
    """

    def __init__(
        self, prefixes: Mapping[str | None, str], document: Document, *, yevmiye: bool
    ) -> None:
        self._yevmiye = yevmiye
        self._layout = Layout(prefixes, document.context_ids, document.units)
        self._usual = {
            b"contextRef": [f'contextRef="{item}"'.encode() for item in document.context_ids],
            b"unitRef": [f'unitRef="{item}"'.encode() for item in document.units],
            b"decimals": [b'decimals="INF"'],
        }
        self._patterns: Patterns | None = None
        self._loose: LooseProof | None = None
        self._is_new = False  # since the patterns were compiled
        self._compiled = 0
        self._gap = 1
        self._until_next = 0

    def take(self, segment: bytes) -> None:
        """Learn, but ever more seldom while nothing new is seen.

        Args:
            segment: as of `Layout.learn`.
        """
        self._until_next -= 1
        if self._until_next > 0:
            return
        if self._layout.learn(segment):
            self._is_new, self._gap = True, 1
        else:
            self._gap = min(self._gap * 2, _MAX_GAP)
        self._until_next = self._gap

    def is_usual(self, segment: bytes) -> bool:
        """Whether each attribute that a rule looks at has a value that none objects to.

        Every mention of the name, wherever it stands, has to be one of the good spellings.
        """
        return all(
            segment.count(name) == sum(segment.count(spelling) for spelling in spellings)
            for name, spellings in self._usual.items()
        )

    def compile(self) -> bool:
        """Compile the patterns anew if something was learned; tells whether it did."""
        if not self._is_new or self._compiled >= _MAX_COMPILED:
            return False
        self._patterns = compile_patterns(self._layout, yevmiye=self._yevmiye)
        self._compiled += 1
        self._is_new = False
        self._loose = None
        return True

    @property
    def patterns(self) -> Patterns | None:
        """As compiled last; None while a required element was not seen."""
        return self._patterns

    @property
    def start_tags(self) -> Iterator[bytes]:
        """All that were seen, as they are written."""
        return (tag for tags in self._layout.starts.values() for tag in tags)

    def loose(self, engine: Engine, entries: Element) -> LooseProof:
        """For texts that do not fit; compiled when the first one is met, and after lessons."""
        if self._loose is None:
            assert self._patterns is not None
            self._loose = LooseProof(engine, self._layout, self._patterns.line_start, entries)
        return self._loose
