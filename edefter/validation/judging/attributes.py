"""Attributes of facts: `decimals` (GEN-01), and references that lead nowhere (YK-STR-11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from edefter.model.finding import Place
from edefter.validation.judging.places import place_of_element
from edefter.validation.judging.scribe import Scribe
from edefter.validation.reading.extract import node_finder
from edefter.validation.reading.handler import Piece
from edefter.validation.records import BadAttribute, Document
from edefter.validation.rule import Context, Rule
from edefter.validation.wording import cut

_REFERENCES = {"contextRef": "context_ids", "unitRef": "units"}
_KEPT_REFERENCES = 1000


class AttributeCheck:
    """Looks at the attributes of pieces; a reference may lead to what comes later.

    Args:
        rules: the rules of the document by context.
        scribe: takes the findings.
    """

    def __init__(self, rules: Mapping[Context, tuple[Rule, ...]], scribe: Scribe) -> None:
        self._rules = rules
        self._scribe = scribe
        self._unusual: tuple[Document | None, Callable[..., list[Any]]] = (None, lambda _: [])
        self._dangling: Counter[tuple[str, str]] = Counter()
        self._dangling_bad: dict[tuple[str, str], tuple[BadAttribute, Place]] = {}

    def check(self, piece: Piece, document: Document, *, root_fits: bool) -> None:
        """Check the attributes of a piece against the contexts and units known so far."""
        known, find = self._unusual
        if known is not document:
            find = _unusual_attributes(document)
            self._unusual = (document, find)
        for item in find(piece.root):
            name, value = item.attrname, str(item)
            if name == "decimals" and value != "INF":
                if self._scribe.family == "E" and value == "2":
                    continue
                for rule in self._rules[Context.ATTRIBUTE]:
                    record, place = self._bad(item, "decimals", piece)
                    self._scribe.report(rule, record, document, place)
            elif name in _REFERENCES and root_fits and self._rules[Context.REFERENCE]:
                if value in getattr(document, _REFERENCES[name]):
                    continue
                key = (name, value)
                self._dangling[key] += 1
                if len(self._dangling_bad) < _KEPT_REFERENCES and key not in self._dangling_bad:
                    self._dangling_bad[key] = self._bad(item, name, piece)

    def _bad(self, item: Any, attribute: str, piece: Piece) -> tuple[BadAttribute, Place]:
        element = item.getparent()
        place = place_of_element(element, self._scribe.file, piece.header, self._scribe.offsets)
        return BadAttribute(place.field, attribute, cut(str(item))), place

    def finish(self, final: Document) -> None:
        """Report the references that lead nowhere, now that all is known."""
        defined: dict[str, Any] = {"contextRef": final.context_ids, "unitRef": final.units}
        for (attribute, value), (record, place) in self._dangling_bad.items():
            if value in defined[attribute]:
                continue  # it came later in the document
            for rule in self._rules[Context.REFERENCE]:
                times = self._dangling[attribute, value]
                self._scribe.report(rule, record, final, place, times=times)


def _unusual_attributes(document: Document) -> Callable[..., list[Any]]:
    """Finds the attributes whose value is none of the usual ones of that attribute."""
    usual = {
        "decimals": ["INF"],
        "contextRef": sorted(document.context_ids)[:2],
        "unitRef": sorted(document.units)[:4],
    }
    finders = []
    for name, values in usual.items():
        variables = {f"usual{index}": value for index, value in enumerate(values)}
        tests = "".join(f"[. != ${variable}]" for variable in variables)
        finders.append((node_finder(f"//@{name}{tests}"), variables))
    # One after the other: libxml2 compares the sides of a union node by node.
    return lambda root: [item for find, known in finders for item in find(root, **known)]
