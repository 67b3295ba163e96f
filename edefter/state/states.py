"""States of one document and the allowed ways between them (lifecycle.md §13).

The unit is one *document*: a ledger of one company, branch, period, kind (Y, K or E) and part,
together with its berat, from draft to archived; or the defter raporu (DR), which has no berat.
"""

from __future__ import annotations

from enum import StrEnum

from edefter.model.documents import Kind


class State(StrEnum):
    """Where a document is; each comment says what is true in that state."""

    DRAFT = "draft"  # taslak: nothing is built
    BUILT = "built"  # oluşturuldu: the unsigned ledger is on disk
    PRECHECKED = "prechecked"  # ön doğrulandı: all rules but the signature ones hold
    SIGNED = "signed"  # imzalandı: the signed ledger is on disk, its signature checked
    VALIDATED = "validated"  # doğrulandı: the whole signed file is proven, schema and rules hold
    BERAT_BUILT = "berat_built"  # berat oluşturuldu
    BERAT_SIGNED = "berat_signed"  # berat imzalandı: signed, validated, compared with its ledger
    PACKAGED = "packaged"  # paketlendi: the zip is on disk, nothing was sent
    SENDING = "sending"  # gönderiliyor: the intent is recorded, the outcome is not
    ANSWER_UNKNOWN = "answer_unknown"  # cevap bilinmiyor: only asking GİB leads out
    SENT = "sent"  # gönderildi: GİB took it in
    BERAT_OK = "berat_ok"  # berat başarılı, defter bekleniyor
    PROCESSED = "processed"  # GİB says done; the approved berat is not held yet
    APPROVED = "approved"  # onaylandı: the GIB- berat is held and verified
    ARCHIVING = "archiving"  # arşivleniyor: in the local tree, portal not finished
    ARCHIVED = "archived"  # arşivlendi: receipts of every file are held
    REJECTED = "rejected"  # reddedildi: GİB refused it; correct, rebuild, send again
    OPERATOR_NEEDED = "operator_needed"  # operatör gerekli: a person must decide
    DELETED = "deleted"  # silindi (süre içinde)
    CANCELLED = "cancelled"  # iptal (izinli)


S = State
ALLOWED: dict[State, frozenset[State]] = {
    S.DRAFT: frozenset({S.BUILT}),
    S.BUILT: frozenset({S.PRECHECKED, S.DRAFT}),
    S.PRECHECKED: frozenset({S.SIGNED, S.DRAFT}),
    S.SIGNED: frozenset({S.VALIDATED, S.DRAFT}),
    S.VALIDATED: frozenset({S.BERAT_BUILT, S.DRAFT}),
    S.BERAT_BUILT: frozenset({S.BERAT_SIGNED, S.VALIDATED, S.DRAFT}),
    S.BERAT_SIGNED: frozenset({S.PACKAGED, S.VALIDATED, S.DRAFT}),
    S.PACKAGED: frozenset({S.SENDING, S.VALIDATED, S.DRAFT}),
    S.SENDING: frozenset({S.SENT, S.ANSWER_UNKNOWN, S.PACKAGED, S.OPERATOR_NEEDED}),
    S.ANSWER_UNKNOWN: frozenset(
        {S.SENT, S.BERAT_OK, S.PROCESSED, S.PACKAGED, S.REJECTED, S.OPERATOR_NEEDED}
    ),
    S.SENT: frozenset({S.BERAT_OK, S.PROCESSED, S.REJECTED, S.ANSWER_UNKNOWN, S.OPERATOR_NEEDED}),
    S.BERAT_OK: frozenset({S.PROCESSED, S.REJECTED, S.ANSWER_UNKNOWN, S.OPERATOR_NEEDED}),
    S.PROCESSED: frozenset({S.APPROVED, S.ANSWER_UNKNOWN, S.OPERATOR_NEEDED}),
    S.APPROVED: frozenset({S.ARCHIVING, S.DELETED, S.CANCELLED}),
    S.ARCHIVING: frozenset({S.ARCHIVED, S.DELETED, S.CANCELLED}),
    S.ARCHIVED: frozenset({S.DELETED, S.CANCELLED}),
    S.REJECTED: frozenset({S.DRAFT}),
    S.OPERATOR_NEEDED: frozenset({S.DRAFT, S.ANSWER_UNKNOWN}),
    S.DELETED: frozenset({S.DRAFT}),
    S.CANCELLED: frozenset({S.DRAFT}),
}
"""Allowed transitions. DRAFT is reached again only while nothing of it is valid at GİB."""

WITHOUT_BERAT: dict[State, frozenset[State]] = {
    S.VALIDATED: frozenset({S.PACKAGED, S.ARCHIVING, S.DRAFT}),
    S.PROCESSED: frozenset({S.ARCHIVING, S.ANSWER_UNKNOWN, S.OPERATOR_NEEDED}),
}
"""What differs for a document that GİB does not countersign: it is sent, or not, as it is."""


def allowed(kind: Kind, state: State) -> frozenset[State]:
    """The states that a document of this kind may go to from `state`."""
    if not kind.has_berat and state in WITHOUT_BERAT:
        return WITHOUT_BERAT[state]
    return ALLOWED[state]


APPROVED_STATES = frozenset({State.APPROVED, State.ARCHIVING, State.ARCHIVED})
"""States in which the approved berat is held and verified: the month counts as closed."""

AT_GIB = frozenset(
    {State.SENDING, State.ANSWER_UNKNOWN, State.SENT, State.BERAT_OK, State.PROCESSED}
)
"""States in which a package may be at GİB: its files must not change any more."""

NOT_SENT = frozenset(
    {
        State.DRAFT,
        State.BUILT,
        State.PRECHECKED,
        State.SIGNED,
        State.VALIDATED,
        State.BERAT_BUILT,
        State.BERAT_SIGNED,
        State.PACKAGED,
    }
)
"""States in which GİB has nothing of the document: it may be made again at any time."""

ADOPTED_FROM = frozenset({State.DRAFT, State.OPERATOR_NEEDED})
"""From here a document may be taken over from a GIB- file, by its own audited act (`Store.adopt`),
never by a plain transition: new here, or the operator decided for the version at GİB."""
