"""Compare our validator with Saxon on documents that nobody has shown us.

    python -m benchmarks.differential [--documents N] [--seed S] [--first I] [--keep DIR]

The rules are restated a second time, as Schematron written from rules.md alone
(`tests/support/schematron`), and run by Saxon. First they must give the official verdict on every
published conformance case. Then N documents, changed at random from these cases and from our own,
are judged by Saxon and by our engine: whether it can be evaluated, which rules fire, how often. The
schema verdict of our validation in pieces is compared with libxml2's on the whole document, and the
fast path with the parser. Exit 0 only when nothing differs.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from benchmarks.conformance import DEFAULT_CASES, documents
from benchmarks.figures import Figures
from edefter.model.documents import Kind
from edefter.validation import Report, validate
from edefter.validation.names import XSI
from edefter.validation.schema.schema_set import schema
from tests.support.mutants import Mutant, Source, mutant, sources
from tests.support.restated import Restated, Verdict, verdict_of

_HINTS = (f"{{{XSI}}}schemaLocation", f"{{{XSI}}}noNamespaceSchemaLocation")


@dataclass(slots=True)
class Differences:
    """What was compared, and every difference in words."""

    documents: int = 0
    stopped: int = 0
    rules: list[str] = field(default_factory=list)
    schema: list[str] = field(default_factory=list)
    fast: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[str]:
        """Every difference."""
        return self.rules + self.schema + self.fast


def check_restatement(folder: Path, restated: Restated) -> tuple[int, list[str]]:
    """Judge the conformance cases by the restated rules.

    Args:
        folder: of the cases; those with a DTD are left out.

    Returns:
        number of cases, and every difference to the official verdict.

    Raises:
        OSError: the folder lacks its files.
    """
    content = dict(documents(folder))
    differences = []
    cases = 0
    for line in (folder / "verdicts.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["title"].startswith("DTD:"):
            continue
        cases += 1
        stops = case["schematron"] == "engine-error"
        official: Verdict = None if stops else Counter(case["counts"])
        kind = Kind(case["kind"])
        data = content[f"{kind}/{case['case']}/{case['file']}"]
        found = restated.judge(data, case["file"], kind)
        if found != official:
            difference = _difference("official", official, "restated", found)
            differences.append(f"{case['case']} ({case['title']}): {difference}")
    return cases, differences


def compare(document: Mutant, restated: Restated, differences: Differences) -> bool:
    """Judge one document all ways; False when they differ."""
    before = len(differences.all)
    official = restated.judge(document.content, document.name, document.kind)
    report = _judge(document, fast=True)
    ours = verdict_of(report)
    differences.documents += 1
    differences.stopped += official is None and ours is None
    if official != ours:
        differences.rules.append(_difference("Saxon", official, "ours", ours))
    whole = whole_verdict(document.content)
    if report.well_formed and whole != report.schema_valid:
        differences.schema.append(f"whole {whole}, in pieces {report.schema_valid}")
    slow = _judge(document, fast=False)
    if verdict_of(slow) != ours or slow.schema_valid != report.schema_valid:
        differences.fast.append(_difference("fast", ours, "slow", verdict_of(slow)))
    return len(differences.all) == before


def _judge(document: Mutant, *, fast: bool) -> Report:
    stream = io.BytesIO(document.content)
    return validate(stream, document.name, kind=document.kind, fast=fast)


def whole_verdict(content: bytes) -> bool:
    """What libxml2 says about the whole document; its hints where schemas lie are taken away."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True,
        remove_pis=True, collect_ids=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        return False
    for element in root.iter():
        for name in _HINTS:
            element.attrib.pop(name, "")
    return bool(schema(True).validate(root))


def _difference(one: str, first: Verdict, other: str, second: Verdict) -> str:
    if first is None or second is None:
        words = ["stops" if item is None else str(dict(item)) for item in (first, second)]
        return f"{one}: {words[0]}; {other}: {words[1]}"
    return f"only {one}: {dict(first - second)}; only {other}: {dict(second - first)}"


def run(
    among: list[Source], restated: Restated, seed: str, numbers: range, keep: Path | None
) -> Differences:
    """Compare the documents of these numbers; those that differ are printed and kept."""
    differences = Differences()
    for number in numbers:
        document = mutant(among, seed, number)
        if compare(document, restated, differences):
            continue
        words = differences.all[-1]
        print(f"{seed}:{number} {document.kind} {document.name} ({document.made}): {words}")
        if keep is not None:
            folder = keep / f"{seed}-{number}-{document.kind}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / document.name).write_bytes(document.content)
    return differences


def main(arguments: list[str] | None = None) -> int:
    """Print what was compared; 0 only when nothing differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--cases", type=Path, default=DEFAULT_CASES)
    parser.add_argument("--keep", type=Path, help="folder for the documents that differ")
    options = parser.parse_args(arguments)
    restated = Restated()
    figures = Figures()
    has_cases = (options.cases / "verdicts.jsonl").is_file()
    if has_cases:
        cases, wrong = check_restatement(options.cases, restated)
        print(*wrong, sep="\n", end="\n" if wrong else "")
        agreeing = cases - len(wrong)
        figures.add("restated rules give the official verdict", agreeing, str(cases), not wrong)
    else:
        print(f"no conformance cases in {options.cases}: only our own documents are changed")
    among = sources(options.cases if has_cases else None)
    numbers = range(options.first, options.first + options.documents)
    found = run(among, restated, options.seed, numbers, options.keep)
    print(f"seed {options.seed}, documents {numbers.start} to {numbers.stop - 1}")
    print(f"documents that neither side can evaluate: {found.stopped}")
    for name, list_of in (
        ("our rules agree with Saxon", found.rules),
        ("schema verdict in pieces is that of the whole", found.schema),
        ("fast path agrees with the parser", found.fast),
    ):
        agreeing = found.documents - len(list_of)
        figures.add(name, agreeing, str(found.documents), not list_of and found.documents > 0)
    return figures.close()


if __name__ == "__main__":
    sys.exit(main())
