"""Every code that GİB's service can answer with, as data (gib-webservice.md §6)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Operation(StrEnum):
    """The three operations of the service."""

    SEND = "sendDocumentFile"
    RECEIVE = "receiveDocumentFile"
    STATUS = "getBatchStatus"


class CodeClass(StrEnum):
    """What a code asks for; the engine decides by this and never by a text."""

    SETUP = "setup"  # permanent: registration or role at GİB
    CONSENT = "consent"  # permanent: no right to act for this taxpayer
    CLIENT_BUG = "client_bug"  # permanent: our message was wrong
    SPLIT = "split"  # permanent: the package is too large
    RETRY_ONCE = "retry_once"  # once more, then permanent
    TRANSIENT = "transient"  # back off and repeat
    OUTCOME_UNKNOWN = "outcome_unknown"  # ask the status before anything else
    RECONCILE = "reconcile"  # GİB already has a package of that id
    LONG_WAIT = "long_wait"  # wait at least 15 minutes, then an operator
    POLL_AGAIN = "poll_again"  # not ready yet
    NOT_FOUND = "not_found"  # never arrived
    SECURITY = "security"  # WS-Security refused the message; carries no number
    UNKNOWN = "unknown"  # not in the guide: permanent, original text shown


@dataclass(frozen=True, slots=True)
class GibCode:
    """One code of the guide.

    Args:
        number: three digits.
        operation: which operation answers with it.
        code_class: what it asks for.
        text_tr: the guide's short text.
    """

    number: int
    operation: Operation
    code_class: CodeClass
    text_tr: str


_SEND, _RECEIVE, _STATUS = Operation.SEND, Operation.RECEIVE, Operation.STATUS

CODES: dict[int, GibCode] = {
    number: GibCode(number, operation, code_class, text)
    for number, operation, code_class, text in (
        (101, _SEND, CodeClass.SETUP, "Kullanıcı kodu bulunamadı"),
        (102, _SEND, CodeClass.SETUP, "Kullanıcının ilgili rolü yok"),
        (103, _SEND, CodeClass.CLIENT_BUG, "Attachment null"),
        (104, _SEND, CodeClass.CLIENT_BUG, "Paket adı boş"),
        (105, _SEND, CodeClass.CLIENT_BUG, "Paket içeriği boş"),
        (106, _SEND, CodeClass.SPLIT, "Paket maksimum boyutu geçmiş"),
        (107, _SEND, CodeClass.RETRY_ONCE, "Datahandler hatası"),
        (108, _SEND, CodeClass.CLIENT_BUG, "Paket adı geçerli değil"),
        (109, _SEND, CodeClass.CONSENT, "Kullanıcının paketi yollama yetkisi yok"),
        (110, _SEND, CodeClass.TRANSIENT, "Veritabanı hatası"),
        (111, _SEND, CodeClass.RECONCILE, "Paket sisteme daha önce yüklenmiş"),
        (112, _SEND, CodeClass.TRANSIENT, "Disk hatası"),
        (113, _SEND, CodeClass.OUTCOME_UNKNOWN, "İşlem kuyruğu hatası"),
        (114, _SEND, CodeClass.LONG_WAIT, "Bu mükellef şu anda paket yükleyemez"),
        (203, _RECEIVE, CodeClass.TRANSIENT, "Veritabanı hatası"),
        (204, _RECEIVE, CodeClass.POLL_AGAIN, "Başarı ile işlenmiş bir paket bulunamadı"),
        (205, _RECEIVE, CodeClass.CONSENT, "Paketi alma yetkisi yok"),
        (206, _RECEIVE, CodeClass.TRANSIENT, "Disk hatası"),
        (303, _STATUS, CodeClass.TRANSIENT, "Veritabanı hatası"),
        (304, _STATUS, CodeClass.NOT_FOUND, "Paket bulunamamıştır"),
        (305, _STATUS, CodeClass.CONSENT, "Paketi sorgulama yetkisi yok"),
    )
}

ABSENT_SETUP_CODES = frozenset({201, 202, 301, 302})
"""Not in the guide; presumably the user and role errors (101, 102) of the other operations."""

_PREFIX = {Operation.SEND: 1, Operation.RECEIVE: 2, Operation.STATUS: 3}
# Three digits as a word of their own: not inside a package id, a decimal or a time.
_THREE_DIGITS = re.compile(r"(?<![\w\-])(?<!\d[.,:])(\d{3})(?!\w|-\w|[.,:]\d)", flags=re.ASCII)


def classify(code: int | None) -> CodeClass:
    """What a code asks for; None and codes that the guide does not know are UNKNOWN."""
    if code in ABSENT_SETUP_CODES:
        return CodeClass.SETUP
    known = CODES.get(code) if code is not None else None
    return known.code_class if known else CodeClass.UNKNOWN


def find_code(texts: Iterable[str], operation: Operation) -> int | None:
    """The three-digit code in the first text that holds one.

    Args:
        texts: in order of trust: fault detail first, then the reason.
        operation: what was asked; its own known codes win over other numbers in the same text.

    Returns:
        The code, or None when no text holds a number of exactly three digits.
    """
    for text in texts:
        numbers = [int(match) for match in _THREE_DIGITS.findall(text)]
        if not numbers:
            continue
        own = [n for n in numbers if n in CODES and CODES[n].operation is operation]
        same_hundred = [n for n in numbers if n // 100 == _PREFIX[operation]]
        listed = [n for n in numbers if n in CODES]
        return (own or same_hundred or listed or numbers)[0]
    return None
