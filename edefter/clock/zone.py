"""Turkish time of the tz database in force on this machine."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ZONE = "Europe/Istanbul"
TURKISH_OFFSET_S = 10_800.0
"""+03:00 all year since 2016; SigningTime is written with it (lifecycle.md §9)."""


def zone_offset_s(now: datetime | None = None) -> float:
    """Offset of Europe/Istanbul from UTC, seconds, as this machine's tz database has it.

    Args:
        now: zone-aware moment; None = now.

    Returns:
        10800 when the database is right; NaN when it has no such zone at all.
    """
    try:
        # Not the cached zone: a repaired database must count without a restart.
        zone = ZoneInfo.no_cache(ZONE)
    except (ZoneInfoNotFoundError, OSError):
        return float("nan")
    offset = zone.utcoffset(now.astimezone(zone) if now else datetime.now(UTC).astimezone(zone))
    return offset.total_seconds() if offset is not None else float("nan")
