"""What a status answer means: the decision rule of gib-webservice.md §7, in its order.

Success here only allows the fetch of the approved berat; that berat alone is proof. A number other
than 0 is never success, whatever the text says.
"""

from __future__ import annotations

import unicodedata

from edefter.gib.port import BatchState

_FOLD = str.maketrans("ışğüöçâîû", "isguocaiu")
_WAITING = "bekleniyor"
_PENDING = (_WAITING, "isleniyor", "kuyrug", "isleme alindi")
_REJECTED = ("hata", "gecersiz", "basarisiz")


def turkish_fold(text: str) -> str:
    """Lower case without Turkish marks, for comparing texts that GİB may spell in any case.

    `İ I ı i` become one letter, so `İŞLENİYOR`, `ISLENIYOR` and `işleniyor` are equal.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(plain.translate(_FOLD).split())


def decide(code: int | None, text: str) -> BatchState:
    """The state behind `durumKodu` and `durumAciklama`.

    Args:
        code: durumKodu; None when the answer has none or several.
        text: durumAciklama as received.

    Returns:
        DONE only for code 0 without "bekleniyor"; PENDING or REJECTED by the text; else UNKNOWN.
    """
    folded = turkish_fold(text)
    if code == 0 and _WAITING not in folded:
        return BatchState.DONE
    if any(word in folded for word in _PENDING):
        return BatchState.PENDING
    if any(word in folded for word in _REJECTED):
        return BatchState.REJECTED
    return BatchState.UNKNOWN


def is_accepted(text: str) -> bool:
    """Whether an answer to sendDocumentFile says that the package was taken in."""
    return "isleme alindi" in turkish_fold(text)
