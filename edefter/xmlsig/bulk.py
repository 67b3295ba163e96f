"""Whole elements of a canonical document, taken by two expressions instead of tag by tag.

One, by RE2, proves the spelling of each token: text, names with known prefixes, the attributes
that fill a ledger; it visits each byte once. The other, by `re`, proves that start and end tags
belong together; what is spelled well needs no closer look for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import re2

_LEVELS = 7  # of elements within elements; what lies deeper is taken tag by tag
_NAME = r"[A-Za-z_][A-Za-z0-9._-]*"
# What UTF-8 can spell, but XML does not allow.
_NO_CHARACTERS = r"\x{D800}-\x{DFFF}\x{FFFE}\x{FFFF}"
_TEXT = (
    rf"[^<>&\r\x00-\x08\x0b\x0c\x0e-\x1f{_NO_CHARACTERS}]"
    r"|&(?:amp|lt|gt|#xD);"
)
# A `>` may stand in a value; here it may not, so that each token ends at its first `>`.
_VALUE = rf'"[^<>"&\x00-\x1f{_NO_CHARACTERS}]*"'
_ATTRIBUTES = "".join(f"(?: {name}={_VALUE})?" for name in ("contextRef", "decimals", "unitRef"))


def _element(level: int) -> str:
    """An element and what stands in it, down to some levels; its text may be anything."""
    children = f"(?:{_element(level - 1)}[^<]*+)*+" if level > 1 else ""
    return rf"<(?P<n{level}>[^ />]++)[^>]*+>[^<]*+{children}</(?P=n{level})>"


_BALANCED = re.compile(f"[^<]*+(?:{_element(_LEVELS)}[^<]*+)*+".encode())


class Spelling:
    """Canonical tokens whose element names have one of some prefixes.

    Args:
        prefixes: bound where the tokens stand; none may be bound to XML-DSig's namespace, whose
            elements are to be looked at singly.
    """

    def __init__(self, prefixes: Iterable[bytes]) -> None:
        known = "|".join(re.escape(prefix.decode("ascii")) for prefix in sorted(prefixes))
        name = f"(?:{known}):{_NAME}"
        options = re2.Options()
        options.never_capture = True
        options.log_errors = False
        options.max_mem = 32 << 20
        self._tokens = re2.compile(
            f"(?:{_TEXT}|</{name}>|<{name}{_ATTRIBUTES}>)*".encode(), options=options
        )

    def end(self, data: bytes, start: int, stop: int) -> int:
        """Where the well-spelled tokens that begin at `start` end, at `stop` at the latest."""
        found = self._tokens.match(data, start, stop)
        return int(found.end()) if found is not None else start


@lru_cache(maxsize=64)
def spelling_for(prefixes: frozenset[bytes]) -> Spelling:
    """The spelling with these prefixes, made once."""
    return Spelling(prefixes)


def balanced_end(data: bytes, start: int, stop: int) -> int:
    """Where the whole elements and the text that begin at `start` end, at `stop` at the latest.

    Args:
        data: well spelled from `start` to `stop`, which are borders of tokens.
    """
    found = _BALANCED.match(data, start, stop)
    assert found is not None  # it matches the empty string
    return found.end()
