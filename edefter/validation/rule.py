"""One rule as one declared unit, and the table of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from importlib import import_module

from edefter.model.finding import Layer
from edefter.validation.records import Document

Predicate = Callable[..., bool]
"""Takes the record and the `Document`; more arguments only with defaults (bound values)."""


class Context(Enum):
    """What a rule judges; the record type that its predicate gets is named beside it."""

    DOCUMENT = auto()  # Document
    ATTRIBUTE = auto()  # BadAttribute, each one a violation
    REFERENCE = auto()  # BadAttribute: contextRef or unitRef that is not defined
    SIGNATURE = auto()  # Signature
    X509 = auto()  # X509
    SUBJECT = auto()  # Item
    XBRL = auto()  # Xbrl
    ENTITY = auto()  # Entity
    IDENTIFIER = auto()  # Item
    MEASURE = auto()  # Measure
    ENTRIES = auto()  # Entries
    INFO = auto()  # Info
    ENTITY_INFO = auto()  # EntityInfo
    PHONE = auto()  # Group
    EMAIL = auto()  # Group
    WEBSITE = auto()  # Group
    ACCOUNTANT = auto()  # Group
    HEADER = auto()  # Header, when all its lines are known
    DETAIL = auto()  # Detail
    MEASURABLE = auto()  # Measurable
    ATTACHMENT = auto()  # Attachment
    COUNTER_STEP = auto()  # Step, each one a violation: no later entry number is this + 1
    DATE_STEP = auto()  # Step, each one a violation: all later dates are smaller
    LINE_STEP = auto()  # Step, each one a violation: no later line number is this + 1


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition that must hold for every record of a context.

    Args:
        families: letters of the families it belongs to: Y K B R E EB.
        name: `DET-01`, prefixed by the family in the id; or a whole id of the strict layer.
        context: what it judges.
        field: attribute or element that a finding points at.
        message_tr, message_en: what is wrong; `{attribute}` takes a field of the record.
        remedy_tr, remedy_en: what to do in the accounting program.
        holds: the condition, literally as the official engine evaluates it.
        source: where the condition comes from.
        signature_only: judged only in documents that are signed already.
    """

    families: tuple[str, ...]
    name: str
    context: Context
    field: str
    message_tr: str
    message_en: str
    remedy_tr: str
    remedy_en: str
    holds: Predicate
    source: str = "rules.md §4"
    layer: Layer = Layer.OFFICIAL
    signature_only: bool = False

    def id_for(self, family: str) -> str:
        """The id of the rule in one family."""
        return self.name if self.layer is Layer.STRICT else f"{family}-{self.name}"


@dataclass(frozen=True, slots=True)
class Texts:
    """Message and remedy in both languages."""

    message_tr: str
    message_en: str
    remedy_tr: str
    remedy_en: str


def violated(_record: object, _document: Document) -> bool:
    """For contexts whose records are violations by themselves."""
    return False


class Table:
    """Collects the rules of one module."""

    def __init__(self, context: Context | None = None, *, signature_only: bool = False) -> None:
        self.rules: list[Rule] = []
        self._context = context
        self._signature_only = signature_only

    def add(
        self,
        families: str,
        name: str,
        field: str,
        texts: tuple[str, str, str, str],
        holds: Predicate,
        *,
        context: Context | None = None,
        signature_only: bool | None = None,
    ) -> None:
        """Declare an official rule; `families` is written `Y K B`."""
        chosen = context or self._context
        if chosen is None:
            raise ValueError(f"rule {name} has no context")
        only = self._signature_only if signature_only is None else signature_only
        rule = Rule(
            tuple(families.split()), name, chosen, field, *texts, holds, signature_only=only
        )
        self.rules.append(rule)

    def strict(
        self,
        families: str,
        rule_id: str,
        field: str,
        texts: tuple[str, str, str, str],
        holds: Predicate,
        *,
        context: Context | None = None,
    ) -> None:
        """Declare a rule of the strict layer by its whole id."""
        chosen = context or self._context
        if chosen is None:
            raise ValueError(f"rule {rule_id} has no context")
        rule = Rule(
            tuple(families.split()),
            rule_id,
            chosen,
            field,
            *texts,
            holds,
            source="rules.md §5",
            layer=Layer.STRICT,
        )
        self.rules.append(rule)


_MODULES = (
    "general",
    "signing",
    "units",
    "entries",
    "info",
    "entity",
    "headers",
    "details",
    "line_documents",
    "measurables",
    "strict",
    "strict_document",
)


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rule, ...]:
    """Every declared rule."""
    found: list[Rule] = []
    for name in _MODULES:
        found += import_module(f"edefter.validation.rules.{name}").TABLE.rules
    return tuple(found)


def rules_for(family: str, *, signed: bool) -> dict[Context, tuple[Rule, ...]]:
    """The rules of one family by context, in the order of declaration."""
    chosen: dict[Context, list[Rule]] = {context: [] for context in Context}
    for rule in all_rules():
        if family in rule.families and (signed or not rule.signature_only):
            chosen[rule.context].append(rule)
    return {context: tuple(rules) for context, rules in chosen.items()}


def ids_of(rules: Iterable[Rule]) -> set[str]:
    """Ids of the rules in all their families."""
    return {rule.id_for(family) for rule in rules for family in rule.families}
