"""Tokens of SoftHSM2 with test seals on them, to rehearse cards and HSMs without one.

SoftHSM2 reads the place of its tokens from `SOFTHSM2_CONF` in the environment. Needs the Debian
packages softhsm2 and opensc.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from edefter.sandbox.pki import SealFile

LIBRARY = next(
    (
        path
        for path in map(
            Path,
            (
                "/usr/lib/softhsm/libsofthsm2.so",
                "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                "/usr/lib64/libsofthsm2.so",
            ),
        )
        if path.exists()
    ),
    None,
)
SPY = Path("/usr/lib/x86_64-linux-gnu/pkcs11-spy.so")
PIN = "471108"  # of test tokens only
SO_PIN = "12345678"


@dataclass(frozen=True)
class Token:
    """A token in a folder.

    Args:
        label: its label.
        folder: of its files; SOFTHSM2_CONF lies there.
    """

    label: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to see the token."""
        return {**os.environ, "SOFTHSM2_CONF": str(configuration(self.folder))}


def configuration(folder: Path) -> Path:
    """The file that `SOFTHSM2_CONF` must name."""
    return folder / "softhsm2.conf"


def make_folder(folder: Path) -> None:
    """A place for tokens; `SOFTHSM2_CONF` must point to it before the library is loaded."""
    (folder / "tokens").mkdir(parents=True, exist_ok=True)
    configuration(folder).write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n"
        "log.level = ERROR\nslots.removable = false\n"
    )


def make_token(folder: Path, label: str, seals: dict[str, SealFile], pin: str = PIN) -> Token:
    """Make a token with seals on it.

    Args:
        folder: where tokens live.
        label: of the new token.
        seals: label of key and certificate → the seal whose key and certificate go there.
        pin: the user's PIN.

    Raises:
        RuntimeError: SoftHSM2 or OpenSC is missing, or failed.
    """
    make_folder(folder)
    token = Token(label, folder)
    _tool(token, "softhsm2-util", "--init-token", "--free", "--label", label,
          "--pin", pin, "--so-pin", SO_PIN)  # fmt: skip
    for number, (name, seal) in enumerate(seals.items(), start=1):
        put_key(token, pin, name, f"{number:02x}", seal)
        put_certificate(token, pin, name, f"{number:02x}", seal.certificate)
    return token


def _tool(token: Token, *command: str) -> None:
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, env=token.environment
        )
    except FileNotFoundError:
        raise RuntimeError(f"{command[0]} is missing (Debian packages softhsm2, opensc)") from None
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {(done.stdout + done.stderr)[-400:]}")


def put_key(
    token: Token, pin: str, name: str, number: str, seal: SealFile, *, each_time: bool = False
) -> None:
    """Write a seal's private key onto a token.

    Args:
        name: its label.
        number: its id, hex.
        each_time: it wants a login for each use (CKA_ALWAYS_AUTHENTICATE).

    Raises:
        RuntimeError: OpenSC is missing, or failed.
    """
    held = pkcs12.load_pkcs12(seal.path.read_bytes(), seal.password.encode())
    assert held.key is not None
    path = token.folder / f"{name}.key"
    path.touch(mode=0o600)
    path.write_bytes(held.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    try:
        _tool(token, "pkcs11-tool", "--module", str(LIBRARY), "--token-label", token.label,
              "--login", "--pin", pin, "--write-object", str(path), "--type", "privkey",
              "--id", number, "--label", name, "--usage-sign",
              *["--always-auth"] * each_time)  # fmt: skip
    finally:
        path.unlink()


def put_certificate(
    token: Token, pin: str, name: str, number: str, certificate: x509.Certificate
) -> None:
    """Write a certificate onto a token."""
    path = token.folder / f"{name}.crt"
    path.write_bytes(certificate.public_bytes(Encoding.DER))
    _tool(token, "pkcs11-tool", "--module", str(LIBRARY), "--token-label", token.label,
          "--login", "--pin", pin, "--write-object", str(path), "--type", "cert",
          "--id", number, "--label", name)  # fmt: skip
