"""The base URI of an element below xml:base, as the official engine (Java) resolves it."""

from __future__ import annotations

import re
from urllib.parse import urljoin

_PART = r"(?:[\w.~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})"
_REFERENCE = re.compile(
    rf"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(?P<path>{_PART}*)"
    rf"(?P<query>\?(?:{_PART}|\?)*)?(?:#(?:{_PART}|\?)*)?"
)


def resolve(base: str, reference: str) -> str:
    """Resolve an xml:base against the base around it.

    What is no URI is taken as it stands, and so is everything below a base that is none or that has
    no path (`urn:x`). A reference that begins with `?` loses the file name, against RFC 3986.

    Args:
        base: absolute, or a file name alone.
        reference: value of an xml:base; with a blank it is no URI.
    """
    below, above = _parts(reference), _parts(base)
    if below is None or above is None or below["scheme"]:
        return reference
    if above["scheme"] and above["path"][:1] != "/":
        return reference or base
    if not below["path"] and below["query"]:
        folder, slash, _ = base.rpartition("/")
        return folder + slash + reference
    try:
        return urljoin(base, reference)
    except ValueError:  # Python is stricter about the host
        return reference


def _parts(uri: str) -> dict[str, str] | None:
    match = _REFERENCE.fullmatch(uri)
    if match is None:
        return None
    found = match.groupdict()
    if found["path"] == "//" or (found["scheme"] and not found["path"]):
        return None
    if found["scheme"] is None and ":" in found["path"].split("/")[0]:
        return None  # `1:2`: no scheme begins with a digit
    return found
