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
from edefter.validation.xpath import Abort

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
    "main_description": frozenset({"DET-07"}),
    "sub_description": frozenset({"DET-09"}),
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
_CONSTANT = {
    name: getattr(Detail, name)
    for name in ("apply_to_number", "xbrl_include", "measurables", "counter_decreases")
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
def account_sample(main: str, sub: str | None) -> Sample:
    """A line's account; names are there."""
    account = Account()
    account.main, account.main_description = main, "x"
    if sub is not None:
        account.subs.append(sub)
    exact = {
        "accounts": [account],
        "account_count": 1,
        "main": main,
        "sub": sub,
        "sub_count": int(sub is not None),
    }
    classed: dict[str, Any] = {"main_description": "x"}
    if sub is None:
        exact["sub_description"] = None
    else:
        classed["sub_description"] = "x"
    return Sample(exact, classed)


def paper_sample(side: str, kind: str | None, currencies: tuple[str | None, str | None],
                 present: Mapping[str, bool]) -> Sample:  # fmt: skip
    """Side, document and foreign amount of a line, and all that is equal by relation.

    Args:
        side: debitCreditCode.
        kind: documentType.
        currencies: amountCurrency and amountOriginalCurrency.
        present: which of the optional elements stand in the line.
    """
    header = Sample({}, {"counter": "7", "entry_number": "x"})
    exact: dict[str, Any] = {
        **_CONSTANT,
        "dc": side,
        "document_type": kind,
        "amount_currency": currencies[0],
        "original_currency": currencies[1],
        "header": header,
    }
    classed: dict[str, Any] = {
        "amount": "1.00",
        "line_number": "7",
        "previous_line": "6",
        "line_counter": "7",
        "counter": "7",
        "entry_number": "x",
    }
    for name, is_there in present.items():
        role = {value: key for key, value in _ROLES.items()}.get(name, name)
        if not is_there:
            exact[name] = None
        else:
            classed[role] = "2026-01-01" if role in _ROLES else "x"
            if name in ("original_amount", "original_rate"):
                classed[role] = "1.00"
    return Sample(exact, classed)


def dates_sample(posting: str, document: str | None, rate: str | None) -> Sample:
    """Dates of a line whose posting date is that of its entry."""
    return Sample(
        {
            "posting_date": posting,
            "document_date": document,
            "original_rate_date": rate,
            "entered_date": posting,
            "header": Sample({"entered_date": posting}, {}),
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
