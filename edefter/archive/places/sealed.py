"""Contents encrypted on the way to a second place, in the age format (age-encryption.org/v1).

Any age program opens them with the identity; nothing of ours is needed for that.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyrage

from edefter.archive.places.port import PlaceConflict, PlaceRefused

ENDING = ".age"


def encrypt(source: Path, target: Path, recipients: Iterable[str], place: str) -> None:
    """Encrypt a file.

    Args:
        source: the plain file.
        target: written anew.
        recipients: `age1…`.
        place: whom the error is about.

    Raises:
        PlaceRefused: a recipient cannot be read.
        OSError: disk full, no permission.
    """
    try:
        known = [pyrage.x25519.Recipient.from_str(text.strip()) for text in recipients]
    except pyrage.RecipientError as error:
        raise PlaceRefused("archive.place_recipient", place=place, reason=str(error)) from None
    pyrage.encrypt_file(str(source), str(target), known)


def decrypt(source: Path, target: Path, identity: str, place: str, file: str) -> None:
    """Decrypt a file.

    Args:
        source: the encrypted file.
        target: written anew.
        identity: `AGE-SECRET-KEY-…`.
        place, file: what the error is about.

    Raises:
        PlaceRefused: the identity cannot be read.
        PlaceConflict: it does not open the file, or the file was changed.
        OSError: disk full, no permission.
    """
    try:
        known = pyrage.x25519.Identity.from_str(identity.strip())
    except pyrage.IdentityError:
        # The library's own words could quote the secret.
        raise PlaceRefused("archive.place_recipient", place=place, reason="identity") from None
    try:
        pyrage.decrypt_file(str(source), str(target), [known])
    except (pyrage.DecryptError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's own; a changed content has no number
        raise PlaceConflict("archive.place_undecipherable", place=place, file=file) from None
