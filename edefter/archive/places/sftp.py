"""SFTP (draft-ietf-secsh-filexfer-02, as OpenSSH speaks it): for an own server or NAS.

The host's key must be in a known-hosts file of ours: a host that shows another one is refused.
SFTP has no checksums, so that what was written is read back before it gets its name; a transfer
that was cut is continued where the other side has got to.
"""

from __future__ import annotations

import hashlib
import posixpath
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import paramiko

from edefter.archive.places.port import (
    Parcel,
    PlaceConflict,
    PlaceRefused,
    PlaceUnreachable,
    Stored,
)
from edefter.atomic import TEMPORARY_SUFFIX
from edefter.config.keeping import PlaceSettings
from edefter.config.section import SecretRef

_BLOCK_BYTES = 1 << 18
_READ_ONLY = 0o444
_FRESH_STARTS = 1


class SftpPlace:
    """One folder on an SFTP server.

    Args:
        name: as configured.
        settings: host, user, key, known hosts.
        secret: resolves the key's passphrase.

    Raises:
        PlaceRefused: incomplete settings, an unknown host key, a key that is not accepted.
        PlaceUnreachable: nobody answers.
    """

    def __init__(
        self, name: str, settings: PlaceSettings, secret: Callable[[SecretRef], str]
    ) -> None:
        self.name = name
        self._settings = settings
        self._client = paramiko.SSHClient()
        self._client.set_missing_host_key_policy(paramiko.RejectPolicy())
        missing = [
            key for key in ("host", "user", "key", "known_hosts") if not getattr(settings, key)
        ]
        if missing:
            raise PlaceRefused("archive.place_incomplete", place=name, fields=", ".join(missing))
        passphrase = secret(settings.passphrase) if settings.passphrase else None
        try:
            self._client.load_host_keys(str(settings.known_hosts))
            self._client.connect(
                settings.host, settings.port or 22, settings.user,
                key_filename=str(settings.key), passphrase=passphrase,
                look_for_keys=False, allow_agent=False,
                timeout=settings.connect_timeout_s, banner_timeout=settings.connect_timeout_s,
                auth_timeout=settings.connect_timeout_s,
            )  # fmt: skip
            self._files = self._client.open_sftp()
        except (paramiko.BadHostKeyException, paramiko.AuthenticationException) as error:
            raise self._refused(error) from None
        except paramiko.SSHException as error:
            if "not found in known_hosts" in str(error):
                raise self._refused(error) from None
            raise self._unreachable(error) from None
        except (OSError, EOFError) as error:
            local = isinstance(error, FileNotFoundError | PermissionError)
            raise (self._refused(error) if local else self._unreachable(error)) from None
        channel = self._files.get_channel()
        if channel is not None:
            channel.settimeout(settings.progress_timeout_s)

    def put(self, parcel: Parcel) -> None:
        """Store; see `Place.put`."""
        target = self._path(parcel.path)
        with self._told():
            if self._is(target, parcel):
                return
            folder, name = posixpath.split(target)
            self._make(folder)
            temporary = posixpath.join(folder, f".{name}{TEMPORARY_SUFFIX}")
            for _ in range(1 + _FRESH_STARTS):
                self._send(parcel, temporary)
                if self._hash(temporary) == parcel.sha256:
                    self._files.chmod(temporary, _READ_ONLY)
                    self._files.posix_rename(temporary, target)
                    return
                self._files.remove(temporary)  # the part that was there was not ours
        raise PlaceConflict("archive.place_damages", place=self.name, file=parcel.path)

    def read(self, path: str, take: Callable[[bytes], object]) -> None:
        """Hand over; see `Place.read`."""
        with self._told(), self._files.open(self._path(path), "rb") as source:
            source.prefetch()
            while block := source.read(_BLOCK_BYTES):
                take(block)

    def stored(self, folder: str) -> Iterator[Stored]:
        """Walk; see `Place.stored`."""
        with self._told():
            yield from self._walk(folder.strip("/"))

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    # -- small things ------------------------------------------------------------------------

    def _path(self, path: str) -> str:
        return posixpath.join(self._settings.folder, path) if self._settings.folder else path

    def _walk(self, folder: str) -> Iterator[Stored]:
        try:
            rows = self._files.listdir_attr(self._path(folder))
        except FileNotFoundError:
            return
        for row in sorted(rows, key=lambda row: row.filename):
            path = f"{folder}/{row.filename}" if folder else row.filename
            if stat.S_ISDIR(row.st_mode or 0):
                yield from self._walk(path)
            elif not row.filename.endswith(TEMPORARY_SUFFIX):
                moment = datetime.fromtimestamp(row.st_mtime or 0, UTC)
                yield Stored(path, row.st_size or 0, moment)

    def _is(self, target: str, parcel: Parcel) -> bool:
        try:
            size = self._files.stat(target).st_size
        except FileNotFoundError:
            return False
        if size != parcel.size_bytes or self._hash(target) != parcel.sha256:
            raise PlaceConflict("archive.place_other_content", place=self.name, file=parcel.path)
        return True

    def _make(self, folder: str) -> None:
        parts = folder.split("/")
        for count in range(1, len(parts) + 1):
            path = "/".join(parts[:count])
            if path:
                with suppress(OSError):  # it is there
                    self._files.mkdir(path)

    def _send(self, parcel: Parcel, temporary: str) -> None:
        try:
            begun = self._files.stat(temporary).st_size or 0
        except FileNotFoundError:
            begun = 0
        if begun > parcel.size_bytes:
            self._files.remove(temporary)
            begun = 0
        with parcel.source.open("rb") as source, self._files.open(temporary, "ab") as sink:
            source.seek(begun)
            sink.set_pipelined(True)
            while block := source.read(_BLOCK_BYTES):
                sink.write(block)

    def _hash(self, path: str) -> str:
        digest = hashlib.sha256()
        with self._files.open(path, "rb") as source:
            source.prefetch()
            while block := source.read(_BLOCK_BYTES):
                digest.update(block)
        return digest.hexdigest()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns what the connection raises into errors of the port."""
        try:
            yield
        except PermissionError as error:
            raise self._refused(error) from None
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise self._unreachable(error) from None

    def _unreachable(self, error: BaseException) -> PlaceUnreachable:
        return PlaceUnreachable(
            "archive.place_unreachable", place=self.name, host=self._settings.host,
            reason=_words(error),
        )  # fmt: skip

    def _refused(self, error: BaseException) -> PlaceRefused:
        return PlaceRefused("archive.place_refused", place=self.name, reason=_words(error))


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__
