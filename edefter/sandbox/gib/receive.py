"""What receiveDocumentFile hands out, and the wrong things that a knob makes it hand out."""

from __future__ import annotations

import re

from edefter.sandbox.gib.store import Row, Store

_APPROVAL = re.compile(
    rb"<xades:UnsignedProperties\b.*</xades:UnsignedProperties>", flags=re.DOTALL
)
_TITLE = re.compile(rb"(entriesComment[^>]*>)([^<])")


def attachment(store: Store, row: Row, wrong: str) -> bytes:
    """The approved berat, or the wrong content asked for.

    Args:
        store: of packages.
        row: the successful upload.
        wrong: empty, `empty_zip`, `other_taxpayer`, `tampered`, `no_countersignature`,
            `broken_countersignature`, `garbage` or `bare_xml` (right content, no zip).

    Raises:
        ValueError: unknown word.
    """
    content = store.approved_path(row).read_bytes()
    if wrong in ("", "bare_xml"):
        return content
    if wrong == "empty_zip":
        return b""
    if wrong == "garbage":
        return b"bu bir berat degil"
    if wrong == "no_countersignature":
        return _APPROVAL.sub(b"", content)
    if wrong == "broken_countersignature":
        return re.sub(rb'(Id="GIB-Onay-SV">)(.)', _other_letter, content, count=1)
    if wrong == "tampered":
        return _TITLE.sub(_other_letter, content, count=1)
    if wrong == "other_taxpayer":
        other = store.other(row)
        if other is not None:
            return store.approved_path(other).read_bytes()
        stranger = (
            "1" + row.tax_number[1:] if row.tax_number[0] != "1" else "2" + row.tax_number[1:]
        )
        return content.replace(row.tax_number.encode(), stranger.encode())
    raise ValueError(f"knob receive: {wrong!r}")


def _other_letter(match: re.Match[bytes]) -> bytes:
    return match[1] + (b"B" if match[2] == b"A" else b"A")
