"""Log lines are events: a short sentence plus an `action` and the object's fields.

Never pass voucher texts, names of persons or secrets.
"""

from __future__ import annotations

import logging
from typing import Any

_LOGGER = logging.getLogger("edefter")


def event(action: str, sentence: str, /, *, level: int = logging.INFO, **fields: Any) -> None:
    """Log one event.

    Args:
        action: machine name, `area.verb`.
        sentence: English, short.
        level: standard logging level.
        fields: what it is about (company code, period, part, sizes in bytes, durations in s).
    """
    detail = " ".join(f"{name}={value}" for name, value in sorted(fields.items()))
    _LOGGER.log(level, "%s action=%s %s", sentence, action, detail, extra={"fields": fields})
