"""What `validate --engine official` shows: the official package's verdict beside ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from edefter import messages
from edefter.cli.lang import LANG
from edefter.cli.package_cmd import turkish_date, version_of
from edefter.errors import DataError
from edefter.validation import Report
from edefter.validation.names import readable
from edefter.validation.official.compare import (
    OfficialGroup,
    Opinion,
    OurGroup,
    Pair,
    one_sided_lines,
    second_opinion,
)
from edefter.validation.official.package import choose_package
from edefter.validation.official.verdict import Part
from edefter.validation.wording import cut

SHOWN_PLACES = 5  # of each side of a pair
SHOWN_LINES = 50  # of those that only one side has
TEXT_LIMIT = 400


def print_second_opinion(
    screen: Console,
    path: Path,
    report: Report,
    folder: Path,
    choice: str = "",
    *,
    texts: bool = True,
) -> Opinion | None:
    """Let the official package judge a document and print every difference to our report.

    Args:
        screen: where to print.
        path: the document.
        report: our verdict on it.
        folder: where packages are kept (`<data_dir>/official`).
        choice: beginning of a package's SHA-256; empty = the one imported last.
        texts: False leaves out all sentences, which may hold names and amounts of the document.

    Returns:
        The opinion (`differs` tells the exit code); None when the document is too large for it.

    Raises:
        ConfigError: no such package, the extra `second-opinion` is missing, or the package was
            changed on disk.
        OSError: the document cannot be read.
    """
    package = choose_package(folder, choice)
    try:
        opinion = second_opinion(path, report, package)
    except DataError as error:
        screen.print(f"  [yellow]! {escape(error.text(LANG))}[/yellow]")
        screen.print(f"    {escape(error.remedy(LANG))}")
        return None
    for line in _lines(opinion if texts else without_texts(opinion)):
        screen.print(line)
    return opinion


def plain_opinion(opinion: Opinion, *, texts: bool = True) -> dict[str, Any]:
    """An opinion for JSON: outcomes of both sides and every pair.

    Args:
        opinion: what `print_second_opinion` gave.
        texts: False leaves out all sentences, which may hold names and amounts of the document.
    """
    if not texts:
        opinion = without_texts(opinion)
    return {
        "package": opinion.package.sha256,
        "version": opinion.package.version or None,
        "schema": {
            "official": opinion.official.schema.outcome,
            "ours": opinion.schema,
            "agrees": opinion.schema_agrees,
            "detail": opinion.official.schema.detail,
            "messages": [list(item) for item in opinion.official.schema.messages],
        },
        "rules": {
            "official": opinion.official.rules.outcome,
            "ours": opinion.rules,
            "agrees": opinion.rules_agree,
            "detail": opinion.official.rules.detail,
            "pairs": [_plain_pair(pair) for pair in opinion.pairs],
        },
    }


def without_texts(opinion: Opinion) -> Opinion:
    """The same opinion without anything that quotes the document."""

    def silent(pair: Pair) -> Pair:
        theirs, ours = pair.official, pair.ours
        if theirs is not None:
            samples = tuple(replace(sample, text="") for sample in theirs.samples)
            theirs = replace(theirs, samples=samples)
        if ours is not None:
            findings = tuple(
                replace(item, message_tr="", message_en="", value="") for item in ours.findings
            )
            ours = replace(ours, findings=findings)
        return replace(pair, official=theirs, ours=ours)

    schema = replace(opinion.official.schema, messages=(), detail="")
    rules = replace(opinion.official.rules, detail="")
    return replace(
        opinion,
        official=replace(opinion.official, schema=schema, rules=rules),
        pairs=tuple(map(silent, opinion.pairs)),
        schema_findings=(),
    )


def _plain_pair(pair: Pair) -> dict[str, Any]:
    official, ours = pair.official, pair.ours
    return {
        "agrees": pair.agrees,
        "by_id": pair.by_id,
        "official": official
        and {
            "assertion": official.assertion,
            "count": official.count,
            "elements": sorted(map(readable, official.elements)),
            "places": [asdict(sample) for sample in official.samples],
        },
        "ours": ours
        and {
            "rule": ours.rule,
            "count": ours.count,
            "texts": [item.text(LANG) for item in ours.findings[:SHOWN_PLACES]],
        },
    }


def _lines(opinion: Opinion) -> Iterator[str]:
    package = opinion.package
    yield "[bold]" + _say(
        "heading",
        file=opinion.file,
        sha256=package.sha256[:12],
        version=version_of(package),
        newest=turkish_date(package.newest),
    ) + "[/bold]"  # fmt: skip
    yield from _schema_lines(opinion)
    yield from _rules_lines(opinion)


def _schema_lines(opinion: Opinion) -> Iterator[str]:
    official = opinion.official.schema
    if not opinion.schema_judged:
        yield _open(_say("schema_not_judged", reason=_outcome(official)))
    elif opinion.schema_agrees:
        yield _good(_say("schema_same", outcome=_outcome(official)))
    else:
        yield _bad(_say("schema_differs", official=_outcome(official), ours=_word(opinion.schema)))
        for line, text in official.messages[:SHOWN_PLACES]:
            yield _side("side_official", _say("side_place", line=line, path=cut(text, TEXT_LIMIT)))
        for finding in opinion.schema_findings[:SHOWN_PLACES]:
            yield _side("side_ours", escape(cut(finding.text(LANG), TEXT_LIMIT)))


def _rules_lines(opinion: Opinion) -> Iterator[str]:
    official = opinion.official.rules
    same = [pair for pair in opinion.pairs if pair.agrees]
    if not opinion.rules_judged:
        yield _open(_say("rules_not_judged", reason=_outcome(official)))
    elif not opinion.same_rules_outcome:
        words = {"official": _outcome(official), "ours": _word(opinion.rules)}
        yield _bad(_say("rules_differ_outcome", **words))
        if official.detail:
            yield _side("side_official", escape(cut(official.detail, TEXT_LIMIT)))
    elif opinion.differences:
        yield _bad(_say("rules_differ", differences=len(opinion.differences), same=len(same)))
    elif same:
        count = sum(pair.ours.count for pair in same if pair.ours)
        yield _good(_say("rules_same", rules=len(same), count=count))
    elif opinion.rules == "judged":
        yield _good(_say("rules_clean"))
    else:
        yield _good(_say("rules_same_outcome", outcome=_outcome(official)))
    for pair in [*opinion.differences, *same]:
        yield from _pair_lines(pair)


def _pair_lines(pair: Pair) -> Iterator[str]:
    if pair.agrees:
        yield f"    [green]= {_say('pair_same')}[/green]"
    else:
        key = (
            "pair_places"
            if pair.official and pair.ours
            else "pair_official_only"
            if pair.official
            else "pair_ours_only"
        )
        yield f"    [red]≠ {_say(key)}[/red]"
    if pair.official is not None:
        yield from _official_lines(pair.official, brief=pair.agrees)
    if pair.ours is not None:
        yield from _our_lines(pair.ours, brief=pair.agrees)
    for key, lines in zip(("only_official", "only_ours"), one_sided_lines(pair), strict=True):
        if lines:
            known = ", ".join(str(line or "?") for line in lines[:SHOWN_LINES])
            more = ", …" if len(lines) > SHOWN_LINES else ""
            yield f"        {_say(key, count=len(lines), lines=known + more)}"


def _official_lines(group: OfficialGroup, *, brief: bool) -> Iterator[str]:
    name = group.assertion if group.has_id else messages.text(
        "official.nameless", LANG, ordinal=group.assertion
    )  # fmt: skip
    text = cut(group.samples[0].text, TEXT_LIMIT) if group.samples else ""
    yield _side("side_official", _say("side_line", assertion=name, count=group.count, text=text))
    places = [(sample.line, sample.path) for sample in group.samples]
    yield from _places(places, group.count, 1 if brief else SHOWN_PLACES)


def _our_lines(group: OurGroup, *, brief: bool) -> Iterator[str]:
    text = cut(group.findings[0].text(LANG), TEXT_LIMIT)
    yield _side("side_ours", _say("side_line", assertion=group.rule, count=group.count, text=text))
    if not brief:
        places = [(item.place.xml_line or 0, item.place.field) for item in group.findings]
        yield from _places(places, group.count, SHOWN_PLACES)


def _places(places: list[tuple[int, str]], count: int, limit: int) -> Iterator[str]:
    shown = places[:limit]
    for line, path in shown:
        place = _say("side_place", line=line or "?", path=cut(path, TEXT_LIMIT))
        yield f"          [dim]{place}[/dim]"
    if count > len(shown):
        yield f"          [dim]{_say('side_more', more=count - len(shown))}[/dim]"


def _side(key: str, line: str) -> str:
    return f"        {_say(key)}: {line}"


def _good(line: str) -> str:
    return f"  [green]✓[/green] {line}"


def _bad(line: str) -> str:
    return f"  [red]✗[/red] {line}"


def _open(line: str) -> str:
    return f"  [yellow]?[/yellow] {line}"


def _outcome(part: Part) -> str:
    return messages.text(
        f"official.outcome_{part.outcome}", LANG, detail=cut(part.detail, TEXT_LIMIT)
    )


def _word(outcome: str) -> str:
    return messages.text(f"official.outcome_{outcome}", LANG)


def _say(key: str, **facts: object) -> str:
    """A text of the catalogue; what comes from a package or document is no mark-up for rich."""
    return escape(messages.text(f"official.{key}", LANG, **facts))
