"""Reads a secret from where its reference points; the value appears nowhere else."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from edefter.config.section import SecretRef
from edefter.errors import ConfigError

Prompt = Callable[[str], str]
_READABLE_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class SecretReader:
    """Callable that turns a reference into the secret.

    Args:
        environ: environment variables.
        prompt: asks a person (`getpass.getpass`); None = nobody is there.
    """

    def __init__(self, environ: Mapping[str, str], prompt: Prompt | None = None) -> None:
        self._environ = environ
        self._prompt = prompt

    def __repr__(self) -> str:
        return "SecretReader()"

    def __call__(self, ref: SecretRef) -> str:
        """The secret, without its line end; never empty.

        Args:
            ref: file (first line), environment variable, keyring entry or prompt.

        Raises:
            ConfigError: it is missing or empty, the file is readable by others (POSIX), the
                keyring package is not installed, or nobody can be asked.
        """
        if ref.file is not None:
            value = _from_file(ref.file)
        elif ref.env is not None:
            value = self._environ.get(ref.env, "")
        elif ref.keyring is not None:
            value = _from_keyring(ref.keyring)
        else:
            value = self._ask(ref.prompt or "")
        if not value:
            raise ConfigError("config.secret_empty", place=describe(ref))
        return value

    def _ask(self, question: str) -> str:
        if self._prompt is None:
            raise ConfigError("config.secret_nobody", place=question)
        return self._prompt(question)


def describe(ref: SecretRef) -> str:
    """Where the secret is, without what it is."""
    for name in ("file", "env", "keyring", "prompt"):
        value = getattr(ref, name)
        if value:
            return f"{name}: {value}"
    return ""


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as source:
            # Asked of the open file, so that it cannot be exchanged in between.
            mode = os.fstat(source.fileno()).st_mode
            if os.name == "posix" and mode & _READABLE_BY_OTHERS:
                raise ConfigError(
                    "config.secret_file_open", path=str(path), mode=f"{stat.S_IMODE(mode):04o}"
                )
            line = source.readline()
    except OSError as error:
        raise ConfigError(
            "config.secret_file_unreadable", path=str(path), reason=error.strerror or ""
        ) from None
    try:
        return line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ConfigError("config.secret_not_utf8", path=str(path)) from None


def _from_keyring(entry: str) -> str:
    service, slash, user = entry.rpartition("/")
    if not slash or not service or not user:
        raise ConfigError("config.secret_keyring_shape", place=entry)
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise ConfigError("config.secret_no_keyring", place=entry) from None
    try:
        return keyring.get_password(service, user) or ""
    except KeyringError:
        raise ConfigError("config.secret_keyring_locked", place=entry) from None
