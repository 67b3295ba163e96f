"""Judgements as one HTML page, for the file or for the auditor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from edefter import __version__, messages
from edefter.messages import Lang
from edefter.validation.reports.page import page_time, write_page
from edefter.verification.judge import Ground, Judgement, Question
from edefter.verification.report import answer_word, as_json, conclusions, proof_words

_HERE = Path(__file__).resolve().parent
_RESULTS = {True: "verification.ok_true", False: "verification.ok_false"}
_STATES = {True: ("good", "✓"), False: ("bad", "✗"), None: ("mixed", "?")}


def verification_page(
    judgements: Sequence[Judgement],
    ground: Ground,
    sink: BinaryIO,
    lang: Lang = "tr",
    *,
    now: datetime | None = None,
) -> None:
    """Write what was found as one page.

    Args:
        judgements: of one call, in the order in which they are shown.
        ground: what they were judged on.
        sink: takes UTF-8.
        lang: language of the page.
        now: when the page is made; None = now.
    """

    def word(key: str, **facts: object) -> str:
        return messages.text(f"verification.{key}", lang, **facts)

    bad = sum(not item.ok for item in judgements)
    made = page_time(now or datetime.now(UTC))
    write_page(
        sink,
        _HERE,
        "page_verification.html.j2",
        lang,
        t=word,
        title=word("title"),
        made=word("made", time=made, version=__version__),
        summary=word("summary_bad" if bad else "summary_good", count=len(judgements), bad=bad),
        ground=word(
            "ground",
            environment=ground.environment.value,
            anchors=len(ground.anchors),
            network=word("online" if ground.checker is not None else "offline"),
        ),
        names=[word(f"c_{name}") for name in ("crypto", "rules", "trust")],
        documents=[_document(item, lang, number) for number, item in enumerate(judgements, 1)],
    )


def _document(found: Judgement, lang: Lang, number: int) -> dict[str, Any]:
    plain = as_json(found, lang)
    return {
        "anchor": f"d{number}",
        "name": found.path.name,
        "folder": str(found.path.parent),
        "badge": _badge(found.ok, messages.text(_RESULTS[found.ok], lang)),
        "signer": found.signer,
        "conclusions": [_badge(yes, answer_word(yes, lang)) for _, yes in conclusions(found)],
        "proof": proof_words(
            found, lang, page_time(found.proven_at) if found.proven_at is not None else ""
        ),
        "facts": _facts(found, plain, lang),
        "questions": [_question(found, question, lang) for question in Question],
        "findings": plain["findings"],
    }


def _badge(answer: bool | None, word: str) -> dict[str, str]:
    state, mark = _STATES[answer]
    return {"state": state, "mark": mark, "word": word}


def _question(found: Judgement, question: Question, lang: Lang) -> dict[str, Any]:
    """A question that was not asked is told as such: on paper, silence looks like consent."""
    asked = question in found.answers
    answer = found.answers.get(question)
    word = answer_word(answer, lang) if asked else messages.text("verification.a_unasked", lang)
    return {
        "name": messages.text(f"verification.q_{question.value}", lang),
        "asked": asked,
        "badge": _badge(answer, word),
    }


def _facts(found: Judgement, plain: dict[str, Any], lang: Lang) -> list[tuple[str, str]]:
    certificate = plain["certificate"] or {}
    validity = ""
    if found.certificate is not None:
        begin, end = found.certificate.not_valid_before_utc, found.certificate.not_valid_after_utc
        validity = f"{page_time(begin)} – {page_time(end)}"
    evidence = "present" if found.evidence is not None else "absent"
    facts = {
        "subject": certificate.get("subject", ""),
        "tax_number": certificate.get("tax_number", ""),
        "issuer": certificate.get("issuer", ""),
        "serial": certificate.get("serial", ""),
        "key": certificate.get("key", ""),
        "validity": validity,
        "signing_time": page_time(found.signing_time) if found.signing_time else "",
        "approved_at": page_time(found.approved_at) if found.approved_at else "",
        "evidence": messages.text(f"verification.{evidence}", lang),
    }
    return [
        (messages.text(f"verification.f_{name}", lang), text)
        for name, text in facts.items()
        if text
    ]
