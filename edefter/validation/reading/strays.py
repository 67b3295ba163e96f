"""Elements that no rule judges, but that rules about what follows look at all the same.

HDR-01, HDR-02 and DET-02 look along all that comes later in the document, wherever it stands: an
entry under a misspelt name, a line outside its entry. DET-02 of B and R and DET-04 of K look along
the siblings of a line (rules.md §4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from edefter.validation import names
from edefter.validation.names import clark
from edefter.validation.reading.extract import Element, text_of
from edefter.validation.records import Detail, Header, Stray
from edefter.validation.xpath import each

_LINE_COUNTER = clark("gl-cor:lineNumberCounter")
_ENTRY_OR_LINE = (names.HEADER, names.DETAIL)
_WATCHED = (*_ENTRY_OR_LINE, names.LINE_NUMBER, _LINE_COUNTER)
_SLOTS = {
    names.LINE_NUMBER: "line_number",
    _LINE_COUNTER: "line_counter",
    names.COUNTER: "counter",
    clark("gl-cor:enteredDate"): "entered_date",
}


def read_stray(element: Element, *, is_sibling: bool = False) -> Stray:
    """What the sequence rules see of an element.

    Args:
        element: it may be an entryHeader, an entryDetail, or anything that holds a lineNumber.
        is_sibling: whether it stands beside lines, in an entry.
    """
    stray = Stray(element.tag, is_sibling=is_sibling)
    for child in element:
        name = _SLOTS.get(child.tag)
        if name is not None:
            stray.put(name, text_of(child))
    return stray


def read_lines(
    children: Iterable[Element], header: Header, read: Callable[[Element, Header], Detail]
) -> tuple[list[Detail], list[Stray]]:
    """The lines among children of an entry.

    Args:
        children: some or all children, in order.
        header: the entry's record; told when it holds a lineNumber itself.
        read: reads one line.

    Returns:
        the lines, each with the strays between the line before and itself or inside itself; and the
        strays behind the last line.
    """
    details: list[Detail] = []
    loose: list[Stray] = []
    for child in children:
        if child.tag == names.DETAIL:
            detail = read(child, header)
            own = 1 + len(each(detail.line_number)) + len(each(detail.line_counter))
            if sum(1 for _ in child.iter(*_WATCHED)) != own:
                # What is inside a line does not follow it, but it follows the lines before.
                loose += _strays_in(child, is_sibling=False)
            if loose:
                detail.strays = tuple(loose)
                loose = []
            details.append(detail)
        elif child.tag == names.LINE_NUMBER:
            header.has_line_number = True
        elif len(child):
            loose += _strays_in(child, is_sibling=True)
    return details, loose


def _strays_in(element: Element, *, is_sibling: bool) -> Iterator[Stray]:
    """The strays below an element, and itself when it is a sibling of lines."""
    before = None
    for item in element.iter(*_WATCHED):
        owner = item if item.tag in _ENTRY_OR_LINE else item.getparent()
        if owner is None or owner is before or (item is element and owner is not item):
            continue
        if owner is element and not is_sibling:
            continue
        before = owner
        yield read_stray(owner, is_sibling=owner is element)


def last_carrier(root: Element) -> Element | None:
    """An element with a lineNumber that stands behind the last entry.

    Args:
        root: the document, with an empty entry in the place of those that were taken out.
    """
    above: set[Element] = set()
    found = None
    for item in root.iter(names.HEADER, names.LINE_NUMBER):
        parent = item.getparent()
        if item.tag == names.HEADER and parent is not None and _holds_entries(parent):
            above, found = set(item.iterancestors()), None
        elif item.tag == names.LINE_NUMBER and parent not in above:
            found = parent
    return found


def _holds_entries(element: Element) -> bool:
    xbrl = element.getparent()
    above = xbrl.getparent() if xbrl is not None and xbrl.tag == names.XBRL else None
    return element.tag == names.ENTRIES and above is not None and above.getparent() is None
