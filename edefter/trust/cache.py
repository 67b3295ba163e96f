"""Answers kept on disk until they end, so that a run need not ask for what it knows.

Nothing in here is trusted: an answer from the cache is judged like one from the network.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from edefter.atomic import write_bytes
from edefter.trust.answers import Answer
from edefter.trust.fetch import CRL_BYTES

_MOST_BYTES = 2 * CRL_BYTES


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer and when it came, UTC."""

    answer: Answer
    fetched_at: datetime

    def recent(self, now: datetime, max_age_s: float) -> bool:
        """Whether it need not be asked for anew."""
        return timedelta(0) <= now - self.fetched_at <= timedelta(seconds=max_age_s)


class AnswerCache:
    """One file per question.

    Args:
        folder: made when missing; None = nothing is kept.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def load(self, kind: str, question: str) -> Kept | None:
        """The kept answer; None when there is none or the file is damaged.

        Args:
            kind: `ocsp` or `crl`.
            question: what was asked, e.g. the URL and the certificate's fingerprint.
        """
        path = self._path(kind, question)
        if path is None or not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        try:
            raw = json.loads(path.read_bytes())
            der = base64.b64decode(raw["der"], validate=True)
            fetched_at = datetime.fromisoformat(raw["fetched_at"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError, binascii.Error):
            return None
        if fetched_at.tzinfo is None:
            return None
        return Kept(Answer("ocsp" if kind == "ocsp" else "crl", der), fetched_at)

    def keep(self, answer: Answer, question: str, now: datetime) -> None:
        """Keep an answer; a full disk costs a question more, not the run."""
        path = self._path(answer.kind, question)
        if path is None:
            return
        plain = {
            "fetched_at": now.isoformat(timespec="seconds"),
            "der": base64.b64encode(answer.der).decode("ascii"),
        }
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, json.dumps(plain).encode())
        except OSError:
            return

    def _path(self, kind: str, question: str) -> Path | None:
        if self._folder is None:
            return None
        return self._folder / f"{sha256(question.encode()).hexdigest()[:32]}.{kind}.json"
