"""Judgements as plain values and as words; the command line and the page only lay them out."""

from __future__ import annotations

from typing import Any

from edefter import messages
from edefter.messages import Lang
from edefter.trust.judgement import Outcome, TimeProof
from edefter.verification.judge import CRYPTO, TRUST, Judgement, Question
from edefter.xmlsig.certificate import fingerprint, key_words, rfc2253, serial_text, tax_number


def as_json(found: Judgement, lang: Lang) -> dict[str, Any]:
    """Plain values for `--json`; questions that were not asked, or have no answer, are null."""
    at = found.approved_at if found.approval else found.signing_time
    return {
        "file": found.path.name,
        "ok": found.ok,
        "approval": found.approval,
        "signer": found.signer,
        "time": at.isoformat() if at else "",
        "signing_time": found.signing_time.isoformat() if found.signing_time else None,
        "approved_at": found.approved_at.isoformat() if found.approved_at else None,
        "certificate": _certificate(found),
        "evidence": found.evidence is not None,
        "conclusions": {name: answer for name, answer in conclusions(found)},
        "questions": {question.value: found.answers.get(question) for question in Question},
        "outcome": found.outcome.value if found.outcome else None,
        "time_proof": found.proof.value,
        "proven_at": found.proven_at.isoformat() if found.proven_at else None,
        "findings": [
            {
                "rule": item.rule,
                "severity": item.severity.value,
                "text": item.text(lang),
                "remedy": item.remedy(lang),
            }
            for item in found.findings
        ],
    }


def _certificate(found: Judgement) -> dict[str, str] | None:
    certificate = found.certificate
    if certificate is None:
        return None
    return {
        "subject": rfc2253(certificate.subject),
        "issuer": rfc2253(certificate.issuer),
        "serial": serial_text(certificate),
        "tax_number": tax_number(certificate),
        "key": key_words(certificate),
        "not_before": certificate.not_valid_before_utc.isoformat(),
        "not_after": certificate.not_valid_after_utc.isoformat(),
        "sha256": fingerprint(certificate),
    }


def conclusions(found: Judgement) -> tuple[tuple[str, bool | None], ...]:
    """The three conclusions, each by itself: cryptography, GİB's rules, trust.

    Trust without a path to an anchor is not known, however good the rest is.
    """
    trust = found.conclusion(TRUST)
    if trust and found.answers.get(Question.CHAIN) is None:
        trust = None
    return (
        ("crypto", found.conclusion(CRYPTO)),
        ("rules", found.answers.get(Question.RULES)),
        ("trust", trust),
    )


def answer_word(answer: bool | None, lang: Lang) -> str:
    """Yes, no or not known, in words."""
    key = {True: "a_yes", False: "a_no", None: "a_unknown"}[answer]
    return messages.text(f"verification.{key}", lang)


def conclusion_words(found: Judgement, lang: Lang) -> list[tuple[str, str]]:
    """Name and answer of each conclusion, in words."""
    return [
        (messages.text(f"verification.c_{name}", lang), answer_word(answer, lang))
        for name, answer in conclusions(found)
    ]


def question_words(found: Judgement, lang: Lang) -> list[tuple[str, bool | None]]:
    """Every question that was asked, in words, and its answer."""
    return [
        (messages.text(f"verification.q_{question.value}", lang), found.answers[question])
        for question in Question
        if question in found.answers
    ]


def proof_words(found: Judgement, lang: Lang, time: str) -> str:
    """What proves the time; empty while the signature is not valid.

    Args:
        time: the proven time, as it is shown.
    """
    if not found.ok or found.outcome not in (Outcome.VALID, Outcome.VALID_AT_CLAIMED_TIME):
        return ""
    proof = found.proof if found.outcome is Outcome.VALID else TimeProof.CLAIM
    return messages.text(f"verification.p_{proof.value}", lang, time=time)
