"""What lies on a token: certificates, each with the private key that belongs to it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from cryptography import x509

from edefter.certificates import extension, read_der
from edefter.signature.port import Candidate
from edefter.signature.seals.algorithm import public_value
from edefter.signature.seals.chains import chain_among


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate on the token and the private key that belongs to it.

    Args:
        key: as the helper names it; empty = no private key.
        each_time: the key wants a login for each use (CKA_ALWAYS_AUTHENTICATE).
    """

    candidate: Candidate
    key: str = ""
    each_time: bool = False


def held_on(content: dict[str, Any], key_label: str) -> tuple[Held, ...]:
    """The certificates that could sign, those of authorities left out.

    Args:
        content: what the helper told when the token was opened.
        key_label: label of the certificate or its key; empty = all.
    """
    keys = [key for key in content["keys"] if key["signs"]]
    found: list[tuple[dict[str, Any], x509.Certificate]] = []
    for item in content["certificates"]:
        try:
            der = base64.b64decode(item["der"])
            found.append((item, read_der(der)))
        except ValueError:
            continue  # a foreign object of the token's maker
    everything = [certificate for _, certificate in found]
    held = []
    for item, certificate in found:
        key = _key_of(item, certificate, keys)
        labels = {item["label"], key["label"] if key is not None else item["label"]}
        if _is_authority(certificate) or (key_label and key_label not in labels):
            continue
        candidate = Candidate(
            certificate,
            label=item["label"],
            has_key=key is not None,
            chain=chain_among(certificate, everything),
        )
        if key is None:
            held.append(Held(candidate))
        else:
            held.append(Held(candidate, key["key"], bool(key["each_time"])))
    return tuple(held)


def _key_of(
    item: dict[str, Any], certificate: x509.Certificate, keys: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """The private key of a certificate on the token: by its public value where tokens tell it.

    Else the same CKA_ID, else the same label, where that is one. A renewal may stand under the id
    of the old key, so keys that tell another public value are out.
    """
    public = public_value(certificate)
    for key in keys:
        if public and key["public"].endswith(public):
            return key
    silent = [key for key in keys if not (public and key["public"])]
    for field in ("id", "label"):
        fitting = [key for key in silent if key[field] and key[field] == item[field]]
        if len(fitting) == 1:
            return fitting[0]
    return None


def _is_authority(certificate: x509.Certificate) -> bool:
    found = extension(certificate, x509.BasicConstraints)
    return found is not None and found.value.ca
