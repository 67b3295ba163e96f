"""Records of fields that the rules are declared over.

Every field is a `Value`: None when the element is absent, its text, or a tuple when it stands
more than once. The fields of a record are class attributes, set only where the element exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from edefter.model.documents import Kind
from edefter.validation.names import readable
from edefter.validation.reading.trouble import TooLarge
from edefter.validation.sums import Sum
from edefter.validation.xpath import Value, each, ns

REPEATS = 1000
"""Texts of one field of a record; the official comparisons take their square."""

if TYPE_CHECKING:
    from edefter.validation.judging.order import Successors


class Record:
    """What all records have: the line of their element in the file."""

    xml_line: Any = None  # int or None; lxml's type stubs know neither
    byte_offset: int | None = None  # where its tag begins in the file, when known
    element: Any = None  # of records outside the entries, to look its offset up

    def put(self, name: str, text: str) -> None:
        """Add one element's text to a field.

        Raises:
            TooLarge: the field holds `REPEATS` texts already.
        """
        fields = self.__dict__
        if name in fields:
            texts = each(fields[name])
            if len(texts) >= REPEATS:
                raise TooLarge("limit_repeats", limit=REPEATS, field=name)
            fields[name] = (*texts, text)
        else:
            fields[name] = text


class Stray(Record):
    """An element that is not judged, but looked at by the rules about what follows (`strays`)."""

    line_number: Value = None
    line_counter: Value = None
    counter: Value = None
    entered_date: Value = None

    def __init__(self, tag: str, *, is_sibling: bool) -> None:
        self.tag = tag
        self.is_sibling = is_sibling  # of lines, inside an entry


class Account(Record):
    """gl-cor:account of a line, needed one by one where the rules count accounts."""

    main: Value = None
    main_description: Value = None

    def __init__(self) -> None:
        self.subs: list[Value] = []  # accountSubID of each accountSub


class Measurable(Record):
    """gl-bus:measurable of a line; `detail` is the line it belongs to."""

    code: Value = None
    code_description: Value = None
    item_id: Value = None
    description: Value = None
    quantity: Value = None
    qualifier: Value = None
    unit: Value = None
    unit_cost: Value = None
    misprinted_quantity: Value = None
    quantity_unit: Value = None  # unitRef of the quantity
    text: str = ""

    def __init__(self, detail: Detail) -> None:
        self.detail = detail

    @property
    def amount(self) -> Value:
        """Amount of the line."""
        return self.detail.amount


class Detail(Record):
    """gl-cor:entryDetail; `header` is the entry it belongs to."""

    line_number: Value = None
    line_counter: Value = None
    amount: Value = None
    amount_currency: Value = None
    original_rate_date: Value = None
    original_amount: Value = None
    original_currency: Value = None
    original_rate: Value = None
    dc: Value = None
    posting_date: Value = None
    document_type: Value = None
    document_type_description: Value = None
    document_number: Value = None
    apply_to_number: Value = None
    document_reference: Value = None
    document_date: Value = None
    payment_method: Value = None
    main: Value = None
    main_description: Value = None
    sub: Value = None
    sub_description: Value = None
    sub_count: int = 0
    xbrl_include: Value = None
    measurables: tuple[Measurable, ...] = ()
    counter_decreases: bool = False
    is_first: bool = False
    previous_line: Value = None  # lineNumber of the line before, in the whole file
    strays: tuple[Stray, ...] = ()  # that the lines before are followed by

    def __init__(self, header: Header) -> None:
        self.header = header
        self.accounts: list[Account] = []

    @property
    def account_count(self) -> int:
        """Number of gl-cor:account."""
        return len(self.accounts)

    @property
    def entered_date(self) -> Value:
        """enteredDate of the entry."""
        return self.header.entered_date

    @property
    def entry_number(self) -> Value:
        """entryNumber (voucher number) of the entry."""
        return self.header.entry_number

    @property
    def counter(self) -> Value:
        """entryNumberCounter of the entry."""
        return self.header.counter


class Header(Record):
    """gl-cor:entryHeader with what its lines add up to."""

    entered_by: Value = None
    entered_date: Value = None
    entry_number: Value = None
    qualifier: Value = None
    batch_id: Value = None
    total_debit: Value = None
    total_credit: Value = None
    counter: Value = None
    previous_counter: Value = None  # of the entry before
    has_line_number: bool = False  # of its own, which the rules see beside those of its lines
    lines_before: int = 0  # numbered lines in the document before it
    previous_date: Value = None
    previous_account: tuple[str, str] | None = None  # of the kebir header before

    def __init__(self, ordinal: int) -> None:
        self.ordinal = ordinal
        self.detail_count = 0
        self.debit = Sum()
        self.credit = Sum()
        self.first: Detail | None = None
        self.totals: object = None  # what the rules of one family gather over the lines
        self.line_steps: Successors | None = None  # line numbers within the entry (B, R)

    @property
    def account(self) -> tuple[str, str] | None:
        """Main and sub-account of a kebir header, by its first line; None when not single."""
        first = self.first
        if first is None or len(first.accounts) != 1 or first.sub_count > 1:
            return None
        main, sub = first.main, first.sub
        if isinstance(main, tuple) or isinstance(sub, tuple):
            return None
        return ns(main), ns(sub)

    @property
    def account_text(self) -> str:
        """Sub-account, readable."""
        return (self.account or ("", ""))[1]

    @property
    def previous_text(self) -> str:
        """Sub-account of the header before, readable."""
        return (self.previous_account or ("", ""))[1]

    @property
    def debit_text(self) -> str:
        """Sum of the debit lines, readable."""
        return self.debit.text

    @property
    def credit_text(self) -> str:
        """Sum of the credit lines, readable."""
        return self.credit.text

    def fields(self) -> dict[str, Value]:
        """The header's own fields, to see whether some came after its lines."""
        own = ("entered_by", "entered_date", "entry_number", "qualifier", "counter", "batch_id")
        return {name: getattr(self, name) for name in own}


class Info(Record):
    """gl-cor:documentInfo."""

    entries_type: Value = None
    unique_id: Value = None
    creation_date: Value = None
    start: Value = None
    end: Value = None
    source_application: Value = None
    default_currency: Value = None


class Group(Record):
    """A repeated group of entityInformation; `value` is its telling child, `children` all names."""

    value: Value = None
    second: Value = None
    children: frozenset[str] = frozenset()


class EntityInfo(Record):
    """gl-cor:entityInformation."""

    business_description: Value = None
    fiscal_start: Value = None
    fiscal_end: Value = None

    def __init__(self) -> None:
        self.phones: list[Group] = []
        self.emails: list[Group] = []
        self.websites: list[Group] = []
        self.addresses: list[Group] = []
        self.accountants: list[Group] = []
        self.identifiers: list[Group] = []  # value = organizationIdentifier, second = description

    def described(self, description: str) -> list[Group]:
        """The organizationIdentifiers of that exact description."""
        return [group for group in self.identifiers if description in each(group.second)]

    @property
    def title(self) -> str:
        """Trade title, or name of a natural person; empty when neither is there."""
        for description in ("Kurum Unvanı", "Adı Soyadı"):
            for group in self.described(description):
                for text in each(group.value):
                    return ns(text)
        return ""


class Item(Record):
    """One element that is judged by its text alone."""

    def __init__(self, value: str, inside: Record) -> None:
        self.value = value
        self.xml_line, self.element = inside.xml_line, inside.element


class BadAttribute(Record):
    """An attribute that violates a rule, at `element` (readable name)."""

    def __init__(self, element: str, attribute: str, value: str) -> None:
        self.element = element
        self.attribute = attribute
        self.value = value


class Entity(Record):
    """xbrli:context/xbrli:entity with its segment."""

    identifier: Value = None
    number_of_entries: Value = None
    unique_id: Value = None
    quantity: Value = None
    authority_code: Value = None


class Measure(Record):
    """xbrli:unit/xbrli:measure; `unit_ids` is the id of its unit, a missing one is None."""

    text: str = ""
    unit_id: str | None = None


class Entries(Record):
    """gl-cor:accountingEntries: what stands in it, and what was gathered over its headers."""

    has_info: bool = False
    has_entity_info: bool = False
    header_count: int = 0
    uri: str = ""
    accounts: object = None  # gathered over the headers of a kebir


class Xbrl(Record):
    """xbrli:xbrl."""

    contexts: int = 0
    units: int = 0
    entries: int = 0
    measures: tuple[str, ...] = ()


class X509(Record):
    """ds:X509Data of the signature's KeyInfo."""

    has_certificate: bool = False
    subjects: tuple[str, ...] = ()


class Signature(Record):
    """ds:Signature that is a child of the root."""

    value_id: bool = False
    has_transforms: bool = False
    key_infos: int = 0
    x509: tuple[X509, ...] = ()
    objects: int = 0
    has_signing_time: bool = False
    has_signing_certificate: bool = False
    empty_uris: int = 0
    methods: Value = None


class Attachment(Record):
    """defterek:binaryObject."""

    mime: str | None = None
    filename: str | None = None
    is_blank: bool = False


@dataclass
class Document:
    """All that is not an entry: gathered from the document without its entries."""

    name: str
    kind: Kind
    size_bytes: int = 0
    root_fits: bool = False
    root_tag: str = ""
    signatures: list[Signature] = field(default_factory=list)
    signature_values: int = 0
    signature_value_text: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    xbrls: list[Xbrl] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    infos: list[Info] = field(default_factory=list)
    entity_infos: list[EntityInfo] = field(default_factory=list)
    entries: list[Entries] = field(default_factory=list)
    context_ids: frozenset[str] = frozenset()
    instants: Value = None  # dates of the periods of contexts
    units: Mapping[str, str] = field(default_factory=dict)  # unit id -> first measure

    @cached_property
    def types(self) -> Value:
        """`$type`: raw text of entriesType."""
        return _joined(self.infos, "entries_type")

    @cached_property
    def starts(self) -> Value:
        """periodCoveredStart."""
        return _joined(self.infos, "start")

    @cached_property
    def ends(self) -> Value:
        """periodCoveredEnd."""
        return _joined(self.infos, "end")

    @cached_property
    def currencies(self) -> Value:
        """defaultCurrency."""
        return _joined(self.infos, "default_currency")

    @cached_property
    def identifiers(self) -> Value:
        """identifier over all contexts."""
        return _joined(self.entities, "identifier")

    @cached_property
    def authority_codes(self) -> Value:
        """identifierAuthorityCode over all contexts."""
        return _joined(self.entities, "authority_code")

    @property
    def file(self) -> str:
        """File name, for messages."""
        return self.name

    @property
    def root_name(self) -> str:
        """Readable name of the root element."""
        return readable(self.root_tag)

    @cached_property
    def branch_number(self) -> str:
        """`branch()`, kept."""
        return self.branch()

    def branch(self) -> str:
        """`Şube No` of the first entityInformation, or an empty text."""
        for info in self.entity_infos:
            for group in info.described("Şube No"):
                return ns(each(group.value)[0]) if each(group.value) else ""
        return ""


def _joined(records: list[Info] | list[Entity], name: str) -> Value:
    return joined(text for record in records for text in each(getattr(record, name)))


def joined(texts: Iterable[str]) -> Value:
    """Texts of several elements as one value."""
    found = tuple(texts)
    if not found:
        return None
    return found[0] if len(found) == 1 else found
