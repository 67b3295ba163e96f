"""Random changes of a document's tree, each aware of what the rules look at."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from random import Random

from lxml import etree

from edefter.validation import names
from tests.support.odd_texts import NUMBERS, odd_attribute, odd_text

Element = etree._Element
Mutation = Callable[[Element, Random], None]

_COR, _BUS, _MUC = (f"{{{uri}}}" for uri in (names.COR, names.BUS, names.MUC))
_FIELDS = [
    (tag, slot)
    for slots in (
        names.HEADER_SLOTS, names.DETAIL_SLOTS, names.ACCOUNT_SLOTS, names.SUB_SLOTS,
        names.MEASURABLE_SLOTS, names.INFO_SLOTS, names.SEGMENT_SLOTS, names.ENTITY_INFO_SLOTS,
    )
    for tag, slot in slots.items()
]  # fmt: skip
_GROUPS = [
    *(_COR + name for name in ("accountingEntries", "entryHeader", "entryDetail", "account")),
    *(_COR + name for name in ("accountSub", "documentInfo", "entityInformation", "xbrlInfo")),
    *(_BUS + name for name in ("measurable", "organizationIdentifiers", "organizationAddress")),
    *(_BUS + name for name in ("accountantInformation", "entityPhoneNumber", "entityWebSite")),
    *(names.clark(f"xbrli:{name}") for name in ("xbrl", "context", "entity", "segment", "unit")),
    *(names.clark(f"ds:{name}") for name in ("Signature", "KeyInfo", "X509Data", "Reference")),
    "extensions",
    "extension",
    names.clark("defterek:binaryObject"),
]
_ATTRIBUTES = [
    "decimals", "decimals", "decimals", "id", "Id", "URI", "Algorithm", "mimeCode", "filename",
    "contextRef", "unitRef", "precision",
]  # fmt: skip
_TAGS = [tag for tag, _ in _FIELDS] + _GROUPS


def _all(root: Element) -> list[Element]:
    return list(root.iter(etree.Element))


def _pick(root: Element, random: Random) -> Element:
    """An element; mostly one that rules look at, whatever its number in the document."""
    elements = _all(root)
    if random.random() < 0.7:
        tag = random.choice(sorted({str(item.tag) for item in elements}))
        elements = [item for item in elements if item.tag == tag]
    return random.choice(elements)


def _inner(root: Element, random: Random) -> Element | None:
    """An element other than the root."""
    found = _pick(root, random)
    return found if found.getparent() is not None else None


def _leaf(root: Element, random: Random) -> Element:
    for _ in range(20):
        found = _pick(root, random)
        if not len(found):
            return found
    return found


def _place(element: Element, target: Element, random: Random) -> None:
    if target.getparent() is None or random.random() < 0.3:
        target.insert(random.randint(0, len(target)), element)
    elif random.random() < 0.5:
        target.addnext(element)
    else:
        target.addprevious(element)


# mutations ----------------------------------------------------------------------------------
def drop(root: Element, random: Random) -> None:
    """Take one element out, or all of its name, or all of its name in its parent."""
    found = _inner(root, random)
    if found is None:
        return
    doomed = [found]
    if random.random() < 0.25:
        doomed = [item for item in _all(root) if item.tag == found.tag]
    for item in doomed:
        parent = item.getparent()
        if parent is not None:
            parent.remove(item)


def duplicate(root: Element, random: Random) -> None:
    """Repeat an element beside itself or elsewhere, perhaps with another text."""
    found = _inner(root, random)
    if found is None:
        return
    twin = copy.deepcopy(found)
    if random.random() < 0.5:
        retext(twin, random)
    if random.random() < 0.2 and len(twin):
        drop(twin, random)
    _place(twin, found if random.random() < 0.7 else _pick(root, random), random)


def move(root: Element, random: Random) -> None:
    """Put an element somewhere else."""
    found = _inner(root, random)
    target = _pick(root, random)
    if random.random() < 0.4 and found is not None:
        target = random.choice([item for item in _all(root) if item.tag == found.tag])
    if found is not None and found not in (target, *target.iterancestors()):
        _place(found, target, random)


def shift(root: Element, random: Random) -> None:
    """Put an element at the end or the start of its parent (header fields behind lines)."""
    found = _inner(root, random)
    parent = found.getparent() if found is not None else None
    if found is not None and parent is not None:
        parent.insert(random.choice([0, len(parent)]), found)


def swap(root: Element, random: Random) -> None:
    """Exchange two elements of one name, or only their texts."""
    found = _pick(root, random)
    same = [item for item in _all(root) if item.tag == found.tag]
    other = random.choice(same)
    if len(found) or len(other) or random.random() < 0.3:
        if found in (other, *other.iterancestors()) or other in found.iterancestors():
            return
        here, there = etree.Element("x"), etree.Element("x")
        found.addprevious(here)
        other.addprevious(there)
        here.addnext(other)
        there.addnext(found)
        for mark in (here, there):
            parent = mark.getparent()
            assert parent is not None
            parent.remove(mark)
    else:
        found.text, other.text = other.text, found.text


def rename(root: Element, random: Random) -> None:
    """Give an element (or all of its name) another name or namespace."""
    found = _pick(root, random)
    tag = etree.QName(found)
    choice = random.randrange(5)
    if choice == 0:
        new = random.choice(_TAGS)
    elif choice == 1:
        new = random.choice([_COR, _BUS, _MUC, "", "{urn:x}", f"{{{names.DS}}}"]) + tag.localname
    elif choice == 2:
        new = (f"{{{tag.namespace}}}" if tag.namespace else "") + tag.localname.swapcase()
    elif choice == 3:
        new = str(_pick(root, random).tag)
    else:
        new = (f"{{{tag.namespace}}}" if tag.namespace else "") + tag.localname + "X"
    chosen = [found]
    if random.random() < 0.2:
        chosen = [item for item in _all(root) if item.tag == found.tag]
    for item in chosen:
        item.tag = new


def retext(root: Element, random: Random) -> None:
    """Another text."""
    found = _leaf(root, random)
    found.text = odd_text(found.text or "", random)


def retext_all(root: Element, random: Random) -> None:
    """Another text in all elements of a name (each its own, or all the same)."""
    found = _leaf(root, random)
    same = odd_text(found.text or "", random)
    alike = random.random() < 0.5
    for item in _all(root):
        if item.tag == found.tag and not len(item):
            item.text = same if alike else odd_text(item.text or "", random)


def borrow(root: Element, random: Random) -> None:
    """The text of another element."""
    _leaf(root, random).text = _leaf(root, random).text


def split(root: Element, random: Random) -> None:
    """A comment, a processing instruction, or a child element within a text."""
    found = _leaf(root, random)
    text = found.text or ""
    spot = random.randint(0, len(text))
    part = random.choice(
        [
            etree.Comment(random.choice([" x ", "12", ""])),
            etree.ProcessingInstruction("p", random.choice(["q", "1"])),
            etree.Element(random.choice(["x", *_TAGS])),
        ]
    )
    part.tail = text[spot:]
    found.text = text[:spot]
    found.insert(0, part)
    if random.random() < 0.5 and isinstance(part.tag, str):
        length = random.randint(0, len(part.tail))
        part.text, part.tail = part.tail[:length], part.tail[length:]


def nest(root: Element, random: Random) -> None:
    """Wrap an element into a copy of its parent, of itself, or a foreign one."""
    found = _inner(root, random)
    parent = found.getparent() if found is not None else None
    if found is None or parent is None:
        return
    wrap = etree.Element(random.choice([parent.tag, found.tag, "x", random.choice(_GROUPS)]))
    tail, found.tail = found.tail, None
    parent.replace(found, wrap)
    wrap.append(found)
    wrap.tail = tail


def unwrap(root: Element, random: Random) -> None:
    """Put an element's children in its place."""
    found = _inner(root, random)
    parent = found.getparent() if found is not None else None
    if found is None or parent is None:
        return
    for child in list(found):
        found.addprevious(child)
    parent.remove(found)


def plant(root: Element, random: Random) -> None:
    """A new element with a name that rules know, anywhere."""
    tag, _ = random.choice(_FIELDS)
    if random.random() < 0.3:
        tag = random.choice(_GROUPS)
    planted = etree.Element(tag)
    planted.text = odd_text(random.choice(NUMBERS), random)
    like = [item for item in _all(root) if item.tag == tag]
    target = _pick(root, random)
    if like and random.random() < 0.6:
        target = random.choice(like)
    _place(planted, target, random)


def attribute(root: Element, random: Random) -> None:
    """Change, add, or take away an attribute."""
    found = _pick(root, random)
    if found.attrib and random.random() < 0.6:
        name = random.choice(sorted(found.attrib))
        if random.random() < 0.3:
            del found.attrib[name]
        else:
            found.set(name, odd_attribute(found.get(name, ""), random))
        return
    found.set(random.choice(_ATTRIBUTES), odd_attribute("", random))


def unit(root: Element, random: Random) -> None:
    """Unit ids, measures and the default currency, which rules compare with each other."""
    code = random.choice(["TRY", "EUR", "US", "try", "XAU", "A", "", "AED,AFN", "MAD,MAD", "HRK"])
    for item in root.iter(names.clark("xbrli:unit")):
        if random.random() < 0.6:
            item.set("id", code)
        if random.random() < 0.1:
            item.attrib.pop("id", None)
    for item in root.iter(names.clark("xbrli:measure"), names.clark("gl-muc:defaultCurrency")):
        if random.random() < 0.6:
            item.text = random.choice(["", " "]) + f"iso4217:{code}" + random.choice(["", " "])


def base(root: Element, random: Random) -> None:
    """An xml:base, which changes the URI of what is below."""
    found = _pick(root, random)
    if random.random() < 0.7:
        chain = [item for item in _all(root) if item.tag in (names.XBRL, names.ENTRIES)]
        found = random.choice([root, *chain])
    value = random.choice(
        [
            "other.xml", "Y-000000", "1234567808-202601-Y-000001.xml", "E-000000.xml", "sub/", "..",
            "http://example.org/a/E-000000/b", "http://example.org/Y-000000?x#y", "", "#Y-000000",
            "?Y-000000", "urn:Y-000000", "/Y-000000/x", "Y-000000/../x", "a b", "%zz", "http://[",
            "file:///Y-000000", "//host/Y-000000", "./Y-000000", "Y%2D000000",
        ]
    )  # fmt: skip
    found.set("{http://www.w3.org/XML/1998/namespace}base", value)


def enlarge(root: Element, random: Random) -> None:
    """An entry of more than 256 lines; numbers go on, or do not."""
    headers = [item for item in _all(root) if item.tag == names.HEADER and len(item)]
    if not headers:
        return
    header = random.choice(headers)
    lines = header.findall(names.DETAIL)
    if not lines:
        return
    last = lines[-1]
    going_on = random.random() < 0.7
    for _ in range(random.choice([5, 254, 255, 256, 257, 300, 520])):
        line = copy.deepcopy(last)
        found = line.find(names.LINE_NUMBER)
        if going_on and found is not None and re.fullmatch("[0-9]{1,9}", found.text or ""):
            found.text = str(int(found.text or "0") + 1)
        if random.random() < 0.02:
            random.choice([retext, drop, nest, plant])(line, random)
        last.addnext(line)
        last = line


def balance(root: Element, random: Random) -> None:
    """Amounts and totals that test binary arithmetic."""
    amount = random.choice(
        ["0.10", "0.30", "12345678901234567.89", "99999999999999.99", "9007199254740992.01", "1e2",
         " 30.50 ", "+5", "4503599627370496.50", "0.70", "1.10", "INF", "-0", "0.1", "33.33"]
    )  # fmt: skip
    cents = random.choice(["", "1", "0"])
    for item in _all(root):
        if item.tag == _COR + "amount" and random.random() < 0.7:
            item.text = amount
        elif item.tag in (_BUS + "totalDebit", _BUS + "totalCredit") and random.random() < 0.7:
            count = random.choice([1, 1, 2, 3])
            try:
                item.text = f"{float(amount) * count:.2f}{cents}"
            except ValueError:
                item.text = amount
        elif item.tag == _BUS + "measurableCostPerUnit":
            item.text = random.choice(["0.1", "0.10", "0.07", "60", "1e1", "0.01", "-1"])
        elif item.tag == _BUS + "measurableQuantity" and item.getparent().tag != "segment":
            item.text = random.choice(["3", "7", "2", "100", "0.1", "-0", "1e0"])


def renumber(root: Element, random: Random) -> None:
    """Entry or line numbers in a new order, with gaps, repeats or other spellings."""
    tag = random.choice(
        [names.COUNTER, names.LINE_NUMBER, _COR + "lineNumberCounter", _COR + "enteredDate",
         _COR + "postingDate", _COR + "accountMainID", _COR + "debitCreditCode"]
    )  # fmt: skip
    found = [item for item in _all(root) if item.tag == tag]
    texts = [item.text or "" for item in found]
    choice = random.randrange(5)
    if choice == 0:
        random.shuffle(texts)
    elif choice == 1:
        texts.sort(reverse=True)
    elif choice == 2:
        texts = [random.choice(texts) for _ in texts]
    elif choice == 3:
        texts = [random.choice([text, f" {text}", f"{text}.0", f"{text}e0", ""]) for text in texts]
    else:
        texts = [str(number + 1) for number, _ in enumerate(texts)]
    for item, text in zip(found, texts, strict=True):
        item.text = text


def second(root: Element, random: Random) -> None:
    """A second context, unit, documentInfo, accountingEntries, account … of its own."""
    tag = random.choice(_GROUPS)
    found = [item for item in _all(root) if item.tag == tag and item.getparent() is not None]
    if not found:
        return
    one = random.choice(found)
    twin = copy.deepcopy(one)
    for _ in range(random.choice([0, 0, 1, 3])):
        random.choice([drop, retext, rename])(twin, random)
    if random.random() < 0.8:
        one.addnext(twin)
    else:
        one.addprevious(twin)


MUTATIONS: tuple[Mutation, ...] = (
    drop, drop, duplicate, duplicate, duplicate, move, move, shift, swap, swap, rename, rename,
    retext, retext, retext, retext, retext, retext_all, borrow, split, split, nest, unwrap, plant,
    plant, attribute, attribute, unit, base, enlarge, balance, balance, renumber, renumber, second,
    second, second,
)  # fmt: skip
