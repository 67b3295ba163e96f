"""XPath cut into tokens: enough to tell names, variables, strings and function calls apart.

Written for two jobs: telling apart variables of the same name (`schematron`), and finding every
function that a foreign stylesheet names (`guard`). It accepts XPath 2.0 and 3.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_START = (
    r"A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
NAME = rf"[{_START}][{_START}\-.0-9\u00B7\u0300-\u036F\u203F-\u2040]*"

_TOKEN = re.compile(
    rf"""
    (?P<space>[\x20\t\r\n]+)
  | (?P<string>"(?:[^"]|"")*"|'(?:[^']|'')*')
  | (?P<braced>Q\{{[^{{}}]*\}}(?:{NAME}|\*))
  | (?P<name>{NAME}(?::{NAME})?)
  | (?P<number>(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][+-]?[0-9]+)?)
  | (?P<symbol>::|:=|!=|<=|>=|<<|>>|\|\||=>|//|\.\.|.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of an expression.

    Args:
        kind: `space` (also comments), `string`, `braced` (`Q{uri}local`), `name`, `number`,
            `symbol`.
        text: as written.
    """

    kind: str
    text: str


class BadExpression(ValueError):
    """An unfinished string or comment: no XPath engine would take it."""


def tokens(expression: str) -> Iterator[Token]:
    """All tokens, blanks and comments included, so that their texts joined are the expression.

    Raises:
        BadExpression: a string or comment has no end.
    """
    at = 0
    while at < len(expression):
        if expression.startswith("(:", at):
            end = _comment_end(expression, at)
            yield Token("space", expression[at:end])
            at = end
            continue
        match = _TOKEN.match(expression, at)
        if match is None or match.lastgroup is None:  # pragma: no cover - the symbol takes all
            raise BadExpression(expression)
        if match[0] in "\"'":
            raise BadExpression(f"string without end: {expression[at : at + 40]}")
        yield Token(match.lastgroup, match[0])
        at = match.end()


def _comment_end(expression: str, start: int) -> int:
    depth, at = 0, start
    while at < len(expression):
        two = expression[at : at + 2]
        if two == "(:":
            depth, at = depth + 1, at + 2
        elif two == ":)":
            depth, at = depth - 1, at + 2
            if depth == 0:
                return at
        else:
            at += 1
    raise BadExpression(f"comment without end: {expression[start : start + 40]}")


def rename_variables(expression: str, names: dict[str, str]) -> str:
    """The expression with variables (`$old`, also where `for`, `some` bind them) renamed.

    Raises:
        BadExpression: as `tokens`.
    """
    result: list[str] = []
    after_dollar = False
    for token in tokens(expression):
        text = token.text
        if after_dollar and token.kind == "name":
            text = names.get(text, text)
        after_dollar = text == "$" or (after_dollar and token.kind == "space")
        result.append(text)
    return "".join(result)


def expressions_of_template(value: str) -> Iterator[str]:
    """The expressions in braces of an attribute value template (XSLT 2.0 §5.6).

    Raises:
        BadExpression: braces do not match, or as `tokens`.
    """
    at = 0
    while at < len(value):
        two = value[at : at + 2]
        if two in ("{{", "}}"):
            at += 2
        elif value[at] == "{":
            inside, at = _braced(value, at + 1)
            yield inside
        elif value[at] == "}":
            raise BadExpression(f"brace without begin: {value[:60]}")
        else:
            at += 1


def _braced(value: str, start: int) -> tuple[str, int]:
    depth, at = 1, start
    for token in tokens(value[start:]):
        at += len(token.text)
        if token.text == "{":
            depth += 1
        elif token.text == "}":
            depth -= 1
            if depth == 0:
                return value[start : at - 1], at
    raise BadExpression(f"brace without end: {value[:60]}")
