"""Which rules are proven for whole classes of lines, by running the rules themselves.

A rule is a pure function of a record. The fields of a line fall into groups that vary on their own
(accounts, document and side, dates). For every combination of values that occurs in a group, each
rule is run once on a record that holds that group's fields and refuses to give any other. Where it
says "holds" without asking for more, it holds for every line with these values, and the answer is
kept. A line is clean when the groups together prove every rule; any other is judged as a whole
by the table of rules. So nothing is said twice when a rule is added: a rule that reads across
groups, or a field nobody classified, simply is not proven here.

Some fields have too many values to be tried (amounts, numbers, free texts). They are given by a
representative of their class, and only to the rules listed in `_BY_CLASS`, whose answer is the same
for every member of the class. A property test compares all this with the parser's way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edefter.validation.records import Account, Detail, Document, Header
from edefter.validation.rule import Rule
from edefter.validation.sums import Sum
from edefter.validation.xpath import Abort, Value

_PAPER = frozenset({"DET-20", "DET-21", "DET-22", "DET-23", "DET-24", "DET-25"})
_TOTAL = frozenset(
    {"HDR-07", "HDR-08", "HDR-11", "HDR-12", "HDR-13", "HDR-14", "HDR-15", "YK-STR-09"}
)
_BY_CLASS: Mapping[str, frozenset[str]] = {
    # a positive amount with two decimals
    "amount": frozenset({"DET-11", "DET-12", "DET-29", "YK-STR-09"}),
    # any text that is not blank
    "document_number": _PAPER,
    "document_type_description": _PAPER,
    "payment_method": frozenset({"DET-27"}),
    # any date, where only its being there matters
    "document_day": _PAPER,
    "rate_day": frozenset({"DET-14"}),
    # any number
    "original_amount": frozenset({"DET-14", "DET-15"}),
    "original_rate": frozenset({"DET-16"}),
    # texts that are equal
    "document_reference": frozenset({"DET-26"}),
    "entry_number": frozenset({"DET-26"}),
    "line_counter": frozenset({"DET-03", "DET-04"}),
    # numbers that follow each other
    "counter": frozenset({"DET-04", "HDR-09", "Y-STR-01"}),
    "previous_counter": frozenset({"Y-STR-01"}),
    "line_number": frozenset({"DET-01", "Y-STR-03"}),
    "previous_line": frozenset({"Y-STR-03"}),
    # a date not before that of the entry before
    "previous_date": frozenset({"Y-STR-02"}),
    # totals with two decimals that are equal texts and what the lines add up to
    "total_debit": _TOTAL,
    "total_credit": _TOTAL,
    "debit": frozenset({"HDR-12"}),
    "credit": frozenset({"HDR-13"}),
    # two or more
    "detail_count": frozenset({"HDR-10"}),
}
# The same field in another role: given where only its being there matters.
_ROLES = {"document_day": "document_date", "rate_day": "original_rate_date"}
_ROLE_OF = {field: role for role, field in _ROLES.items()}
_CONSTANT = {name: getattr(Detail, name) for name in ("apply_to_number", "xbrl_include")} | {
    "measurables": ()
}
PRESENT = (
    "document_type_description",
    "document_number",
    "document_reference",
    "document_date",
    "payment_method",
    "original_rate_date",
    "original_amount",
    "original_rate",
)
"""Fields of which rules ask, for the most part, only whether they are there."""
RELATIONS = ("amount", "counter", "reference", "line")
"""The amount is positive with two decimals; the counter is that of the entry; the reference, if
there is one, is the number of the entry; the line number is that of the line before plus one."""
_REPRESENTATIVES = {
    "document_date": "2026-01-01",
    "original_rate_date": "2026-01-01",
    "original_amount": "1.00",
    "original_rate": "1.00",
}
_HEAD_CONSTANT = {"qualifier": Header.qualifier}


class NotGiven(Exception):
    """A rule asked for a field that this group does not hold."""


class Sample:
    """A record of some fields; asking for any other ends the rule that asks."""

    def __init__(self, exact: Mapping[str, Any], classed: Mapping[str, Any]) -> None:
        self.exact = dict(exact)
        self.classed = {_ROLES.get(name, name): (name, value) for name, value in classed.items()}
        self.rule = ""
        self.was_read = False

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__
        exact = own["exact"]
        if name in exact:
            self.was_read = True
            return exact[name]
        classed = own["classed"].get(name)
        if classed is not None and own["rule"] in _BY_CLASS[classed[0]]:
            self.was_read = True
            return classed[1]
        raise NotGiven(name)


class Coverage:
    """Remembers what each combination of values proves.

    Args:
        rules: the rules of one context.
        document: what the rules may read of the document; it must not change while this is used.
    """

    def __init__(self, rules: tuple[Rule, ...], document: Document) -> None:
        self._rules = rules
        self._document = document
        self.all = frozenset(range(len(rules)))
        self._useful: dict[str, list[int]] = {}

    def proven(self, group: str, sample: Sample) -> frozenset[int]:
        """Indices of the rules that hold for every line of that kind.

        Args:
            group: name of the group of fields; its samples hold always the same fields.
            sample: one combination of their values.
        """
        found = []
        header = sample.exact.get("header")
        useful = self._useful.setdefault(group, list(self.all))
        useless = set()
        for index in useful:
            rule = self._rules[index]
            sample.rule, sample.was_read = rule.name, False
            if header is not None:
                header.rule = rule.name
            try:
                if rule.holds(sample, self._document):
                    found.append(index)
            except NotGiven:
                if not sample.was_read:  # the first thing it asks for is never given here
                    useless.add(index)
            except Abort:
                continue
        if useless:
            self._useful[group] = [index for index in useful if index not in useless]
        return frozenset(found)


# samples ------------------------------------------------------------------------------------
def account_sample(main: Value, description: Value, sub: Value, sub_description: Value) -> Sample:
    """A line with one account that has at most one sub-account."""
    account = Account()
    account.main, account.main_description = main, description
    if sub is not None:
        account.subs.append(sub)
    return Sample(
        {
            "accounts": [account],
            "account_count": 1,
            "main": main,
            "main_description": description,
            "sub": sub,
            "sub_description": sub_description,
            "sub_count": int(sub is not None),
        },
        {},
    )


def paper_sample(
    side: Value, kind: Value, currency: Value, original_currency: Value, is_lower: bool,
    present: tuple[bool, ...], relations: tuple[bool, ...],
) -> Sample:  # fmt: skip
    """Side, document and foreign amount of a line, and what is equal by relation.

    Args:
        side: debitCreditCode.
        kind: documentType.
        currency, original_currency: amountCurrency and amountOriginalCurrency.
        is_lower: counter_decreases of a kebir line.
        present: for each of `PRESENT`, whether it stands in the line and is not blank; otherwise
            it does not stand there at all.
        relations: for each of `RELATIONS`, whether it holds; what does not is not given.
    """
    exact: dict[str, Any] = {
        **_CONSTANT,
        "dc": side,
        "document_type": kind,
        "amount_currency": currency,
        "original_currency": original_currency,
        "counter_decreases": is_lower,
    }
    classed: dict[str, Any] = {}
    head: dict[str, Any] = {}
    for name, is_there in zip(PRESENT, present, strict=True):
        role = _ROLE_OF.get(name, name)
        if is_there:
            classed[role] = _REPRESENTATIVES.get(name, "x")
        else:
            exact[name] = None
    has = dict(zip(RELATIONS, relations, strict=True))
    if has["amount"]:
        classed["amount"] = "1.00"
    if has["counter"]:
        classed["line_counter"] = classed["counter"] = head["counter"] = "7"
    if has["reference"]:
        classed["entry_number"] = head["entry_number"] = "x"
    else:
        exact.pop("document_reference", None)
        classed.pop("document_reference", None)
    if has["line"]:
        classed["line_number"], classed["previous_line"] = "7", "6"
    exact["header"] = Sample({}, head)
    return Sample(exact, classed)


def dates_sample(posting: Value, entered: Value, document: Value, rate: Value) -> Sample:
    """Dates of a line and of its entry."""
    return Sample(
        {
            "posting_date": posting,
            "document_date": document,
            "original_rate_date": rate,
            "entered_date": entered,
            "header": Sample({"entered_date": entered}, {}),
        },
        {},
    )


def head_sample(entered_by: str, day: str, batch_id: str | None) -> Sample:
    """The head of a yevmiye entry that follows its predecessor and fits its lines."""
    return Sample(
        {**_HEAD_CONSTANT, "entered_by": entered_by, "entered_date": day, "batch_id": batch_id},
        {
            "counter": "7",
            "previous_counter": "6",
            "previous_date": day,
            "total_debit": "1.00",
            "total_credit": "1.00",
            "debit": Sum(kurus=100),
            "credit": Sum(kurus=100),
            "detail_count": 2,
        },
    )
