"""The process that runs a package: `python -m edefter.validation.official.worker`.

It reads one request (JSON) from standard input and writes one line of JSON for each part of the
answer, so that a part that is killed does not take the others with it. `runner` starts it.

Request: `document` (base64), `name`, `schema` and `rules` (path of the main file in the package, or
empty), `files` (base64 by path), `memory_bytes`, `cpu_s`, `timed` (only time the rules).
"""

from __future__ import annotations

import json
import posixpath
import sys
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from edefter.validation.official.compiled import stylesheet_of
from edefter.validation.official.guard import Refused
from edefter.validation.official.limits import close_the_door, confine
from edefter.validation.official.results import Failure, NotUnderstood
from edefter.validation.official.saxon import (
    Document,
    DocumentUnreadable,
    Engine,
    Rules,
    RulesStopped,
    RulesUnusable,
    SaxonMissing,
)
from edefter.validation.official.schema_run import SchemaUnusable, apply_schema, compile_schema
from edefter.validation.official.schematron_source import BadSchematron

MAX_PLACES = 1_000_000  # places of all failures together that an answer lists
SAMPLES = 20  # places of one assertion that are told with path and text

Answer = dict[str, Any]


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    confine(request["memory_bytes"], request["cpu_s"])
    try:
        for answer in answers(request):
            _tell(answer)
    except MemoryError:
        _tell({"part": "death", "outcome": "memory"})


def _tell(answer: Answer) -> None:
    print(json.dumps(answer, ensure_ascii=True), flush=True)


def answers(request: Mapping[str, Any], *, confined: bool = True) -> Iterator[Answer]:
    """The parts of the answer, each as soon as it is known.

    Args:
        request: as the module says.
        confined: False = the caller's process is not to be closed in (tests of ours).
    """
    try:
        engine = Engine() if request["rules"] else None
    except SaxonMissing as error:
        yield {"part": "rules", "outcome": "no-saxon", "detail": str(error)}
        engine = None
    try:
        document = Document(b64decode(request["document"]), request["name"])
    except DocumentUnreadable as error:
        yield {"part": "document", "outcome": error.reason, "detail": str(error)}
        return
    files = {path: b64decode(data) for path, data in request["files"].items()}
    if confined:
        close_the_door()
    if request["schema"] and not request.get("timed"):
        yield _schema(request["schema"], files, document)
    if engine is not None:
        yield from _rules(engine, request, files, document)
    yield {"part": "end"}


def _schema(main_file: str, files: Mapping[str, bytes], document: Document) -> Answer:
    try:
        verdict = apply_schema(compile_schema(main_file, files), document.root)
    except SchemaUnusable as error:
        return {"part": "schema", "outcome": "unusable", "detail": str(error)}
    outcome = "valid" if verdict.valid else "invalid"
    return {"part": "schema", "outcome": outcome, "messages": verdict.messages}


def _rules(
    engine: Engine, request: Mapping[str, Any], files: Mapping[str, bytes], document: Document
) -> Iterator[Answer]:
    path = request["rules"]
    folder = path.rpartition("/")[0]

    def resolve(href: str) -> bytes:
        return files[posixpath.normpath(posixpath.join(folder, href))]

    try:
        stylesheet = stylesheet_of(files[path], path, resolve)
        rules = engine.compile(stylesheet)
    except Refused as error:
        yield {"part": "rules", "outcome": "refused", "detail": str(error)}
    except (BadSchematron, RulesUnusable) as error:
        yield {"part": "rules", "outcome": "unusable", "detail": str(error)}
    else:
        yield _judged(rules, document, timed=bool(request.get("timed")))


def _judged(rules: Rules, document: Document, *, timed: bool) -> Answer:
    try:
        if timed:
            return {"part": "rules", "outcome": "timed", "seconds": rules.seconds(document)}
        failures = rules.judge(document)
    except RulesStopped as error:
        return {"part": "rules", "outcome": "engine-error", "detail": str(error)[:2_000]}
    except DocumentUnreadable as error:
        return {"part": "rules", "outcome": "unreadable", "detail": str(error)[:2_000]}
    except NotUnderstood as error:
        return {"part": "rules", "outcome": "not-understood", "detail": str(error)[:2_000]}
    return {"part": "rules", "outcome": "judged", "assertions": grouped(failures)}


def grouped(failures: list[Failure]) -> list[Answer]:
    """Failures of the same assertion together: all places as numbers, some of them in words."""
    groups: dict[tuple[str, str], Answer] = {}
    listed = 0
    for failure in failures:
        place = failure.place
        group = groups.setdefault(
            (failure.assertion, place.element),
            {
                "assertion": failure.assertion,
                "has_id": failure.has_id,
                "role": failure.role,
                "element": place.element,
                "count": 0,
                "places": [],
                "samples": [],
            },
        )
        group["count"] += 1
        if listed < MAX_PLACES:
            listed += 1
            group["places"].append((place.line, place.offset))
        if len(group["samples"]) < SAMPLES:
            group["samples"].append({**asdict(place), "text": failure.text})
    return list(groups.values())


if __name__ == "__main__":
    main()
