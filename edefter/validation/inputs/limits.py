"""How much of a zip is read."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1 << 20
_GIB = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a zip may cost; beyond it there is a finding.

    A ledger part has at most 200 MB (lifecycle.md §3) and shrinks to a fortieth or sixtieth by
    deflate; the defaults leave room for foreign ledgers ten times that size.

    Args:
        directory_bytes: length of the table of contents, which is read at once.
        members: number of members.
        member_bytes: length of one member, unpacked.
        zip_bytes: length of all members that are unpacked, together.
        ratio: how many times its packed length a member may have.
        ratio_from_bytes: unpacked length from which `ratio` counts; less is no bomb.
        spare_disk_bytes: disk space that unpacking leaves free.
    """

    directory_bytes: int = 2 * _MIB
    members: int = 10_000
    member_bytes: int = 4 * _GIB
    zip_bytes: int = 8 * _GIB
    ratio: int = 250
    ratio_from_bytes: int = 16 * _MIB
    spare_disk_bytes: int = 256 * _MIB

    def is_bomb(self, unpacked: int, packed: int) -> bool:
        """Whether that many bytes cannot honestly come from so few."""
        return unpacked > self.ratio_from_bytes and unpacked > self.ratio * max(packed, 1)
