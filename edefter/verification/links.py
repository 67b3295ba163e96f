"""Documents that were given together: ledger, berat and approved berat have to belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lxml import etree

from edefter.model.documents import DocumentName
from edefter.model.finding import Layer, Place
from edefter.telling import told
from edefter.verification.judge import Ground, Judgement, Question, prove_time
from edefter.xmlsig.additions import without_additions
from edefter.xmlsig.names import ds
from edefter.xmlsig.parsing import parse
from edefter.xmlsig.problem import Unreadable
from edefter.xmlsig.read import compact

_MOST_BYTES = 20_000_000  # of a berat; a real one has some 15 kB


def link(judgements: Sequence[Judgement], ground: Ground) -> None:
    """Answer `Question.LINKS` of each berat whose ledger or sent berat is here.

    Compares the ledger's signature value with the one that the berat states, and an approved berat
    with the berat that was sent, which must be the same but for what GİB added. What an approved
    berat covers existed when GİB signed; ledger and sent berat are judged again with that.

    Args:
        judgements: of one call; changed in place.
        ground: what they were judged on.

    Source: gib-webservice.md §9; format.md §5.
    """
    others = _Neighbours(judgements)
    for item in judgements:
        name = item.name
        if name is None or not name.kind.is_berat:
            continue
        answers = []
        ledger = others.of(item, replace(name, kind=name.kind.ledger, approved=False))
        if ledger is not None:
            same = bool(ledger.signature_value) and _stated(item) == ledger.signature_value
            answers.append(same)
            _tell(item, "ledger_differs", same, ledger)
            _pass_on(item, ledger, ground, same=same)
        sent = others.of(item, replace(name, approved=False)) if name.approved else None
        if sent is not None:
            same = _same_but_for_additions(item, sent)
            answers.append(same)
            _tell(item, "sent_differs", same, sent)
            _pass_on(item, sent, ground, same=same)
        if answers:
            item.answers[Question.LINKS] = all(answers)


class _Neighbours:
    """Documents by name; those beside a document come first.

    A cancelled set lies in a folder of its own and bears the names of the set that replaced it.
    """

    def __init__(self, judgements: Sequence[Judgement]) -> None:
        self._beside = {(item.path.parent, item.name): item for item in judgements if item.name}
        self._by_name: dict[DocumentName, list[Judgement]] = {}
        for item in judgements:
            if item.name is not None:
                self._by_name.setdefault(item.name, []).append(item)

    def of(self, item: Judgement, name: DocumentName) -> Judgement | None:
        """The document of that name that belongs to `item`; None = not given, or not certain."""
        found = self._beside.get((item.path.parent, name))
        if found is not None:
            return found
        everywhere = self._by_name.get(name, [])
        return everywhere[0] if len(everywhere) == 1 else None


def _pass_on(berat: Judgement, covered: Judgement, ground: Ground, *, same: bool) -> None:
    """What proves the berat's time proves that of what it covers: its signature value is in it."""
    if same and berat.ok and berat.proven_at is not None:
        prove_time(covered, berat.proven_at, berat.proof, ground)


def _stated(berat: Judgement) -> str:
    """The ledger's signature value, as the berat gives it."""
    if berat.path.stat().st_size > _MOST_BYTES:
        return ""
    try:
        return compact(parse(berat.path).getroot().findtext(ds("SignatureValue")))
    except Unreadable:
        return ""


def _same_but_for_additions(approved: Judgement, sent: Judgement) -> bool:
    if max(item.path.stat().st_size for item in (approved, sent)) > _MOST_BYTES:
        return False
    try:
        return without_additions(approved.path) == without_additions(sent.path)
    except (Unreadable, etree.LxmlError):
        return False


def _tell(item: Judgement, key: str, same: bool, other: Judgement) -> None:
    if same:
        return
    assert item.name is not None
    item.log.add(
        told(
            f"verification.{key}", {"file": item.path.name, "other": other.path.name},
            rule=f"SIG-{key.upper().replace('_', '-')}",
            layer=Layer.CROSS, place=Place(file=item.path.name), kind=item.name.kind,
        )
    )  # fmt: skip
