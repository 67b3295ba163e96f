"""Genuine hosts of GİB and the portal, and names that only look like them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from edefter.config.settings import Settings

GIB_DOMAINS = ("edefter.gov.tr", "gib.gov.tr")
PORTAL_DOMAINS = ("myedefter.com.tr",)
GENUINE_DOMAINS = GIB_DOMAINS + PORTAL_DOMAINS
KNOWN_MISSPELLINGS = ("edeften.gov.tr", "myedeften.com.tr")
"""As printed in a vendor notice that circulates."""
TEST_HOSTS = ("edeftertest.gib.gov.tr", "uygtest.edefter.gov.tr")
PRODUCTION_HOSTS = ("edefter.gib.gov.tr", "uyg.edefter.gov.tr")

_FAR = {3: 1}  # a label of three letters is one letter away from many honest ones
_USUAL_DISTANCE = 2


def configured_urls(settings: Settings) -> Iterator[tuple[str, str]]:
    """Dotted key and URL of every place that books may be sent to."""
    yield "gib.base_url", settings.gib.base_url
    if settings.portal.enabled:
        yield "portal.control_url", settings.portal.control_url
        yield "portal.upload_url", settings.portal.upload_url


def host_of(url: str) -> str:
    """Host of a URL in lower case, without a final dot; empty when there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether the host is this very computer by its name or number alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_genuine(host: str) -> bool:
    """Whether the host lies under a genuine domain."""
    return any(host == domain or host.endswith(f".{domain}") for domain in GENUINE_DOMAINS)


def looks_like(host: str) -> str:
    """The genuine domain that a foreign host imitates, or an empty string.

    Recognised are misspelled domains (edeften.gov.tr), exchanged endings (myedefter.com), genuine
    names inside others (edefter.gov.tr.ornek.com, edefter-gov-tr.com) and letters of other
    alphabets (also as `xn--`).

    Args:
        host: lower case, no port.
    """
    if not host or is_genuine(host) or is_loopback(host) or _is_number(host):
        return ""
    labels = host.split(".")
    if any(label.startswith("xn--") or not label.isascii() for label in labels):
        return GENUINE_DOMAINS[0]
    for domain in GENUINE_DOMAINS:
        brand, _, ending = domain.partition(".")
        if domain in host or domain.replace(".", "-") in host:
            return domain
        tail = ".".join(labels[-domain.count(".") - 1 :])
        far = _FAR.get(len(brand), _USUAL_DISTANCE)
        if distance(tail, domain) <= far and (len(brand) > 3 or tail.endswith(ending)):
            return domain
        if len(brand) > 3 and any(_imitates(label, brand) for label in labels):
            return domain
    return ""


def _imitates(label: str, brand: str) -> bool:
    """A label one letter off the brand, or the portal's own name under another ending."""
    if label == brand:
        return brand == "myedefter"
    return distance(re.sub(r"[-_]", "", label), brand) <= 1


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def distance(left: str, right: str) -> int:
    """Optimal string alignment distance: letters changed, added, left out or swapped."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, start=1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                best = min(best, older[j - 2] + 1)
            row.append(best)
    return row[-1]
