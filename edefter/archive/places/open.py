"""Opens a second place as configured: country declared, adapter loaded, encryption around it."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edefter.archive.places.port import Parcel, Place, PlaceConflict, PlaceRefused, Stored
from edefter.atomic import sha256_file
from edefter.config.keeping import PlaceSettings
from edefter.config.section import SecretRef


@contextmanager
def open_place(
    name: str, settings: PlaceSettings, secret: Callable[[SecretRef], str]
) -> Iterator[SecondPlace]:
    """A second place, ready.

    Args:
        name: as configured.
        settings: of it.
        secret: resolves references.

    Raises:
        PlaceRefused: no country is declared, a library is missing, settings or credentials do not
            do.
        PlaceUnreachable: nobody answers.
    """
    if not settings.country:
        raise PlaceRefused("archive.place_country", place=name)
    adapter: Place
    try:
        # Few installations use them, and they take long to load.
        if settings.kind == "folder":
            from edefter.archive.places.folder import FolderPlace

            adapter = FolderPlace(name, settings)
        elif settings.kind == "sftp":
            from edefter.archive.places.sftp import SftpPlace

            adapter = SftpPlace(name, settings, secret)
        else:
            from edefter.archive.places.s3 import S3Place

            adapter = S3Place(name, settings, secret)
        if settings.encrypt_to:
            import edefter.archive.places.sealed  # noqa: F401 - told now, not amid the work
    except ImportError as error:
        raise PlaceRefused("archive.place_extra", place=name, module=error.name or "?") from None
    try:
        yield SecondPlace(adapter, settings, secret)
    finally:
        adapter.close()


class SecondPlace:
    """A place with the encryption that it is configured with.

    Args:
        adapter: the place.
        settings: of it.
        secret: resolves the identity.
    """

    def __init__(
        self, adapter: Place, settings: PlaceSettings, secret: Callable[[SecretRef], str]
    ) -> None:
        self._adapter, self._settings, self._secret = adapter, settings, secret

    @property
    def name(self) -> str:
        """As configured."""
        return self._adapter.name

    @property
    def abroad(self) -> bool:
        """Whether it stands in another country than Türkiye."""
        return self._settings.country != "TR"

    def path_of(self, path: str) -> str:
        """Where a content lies there: an encrypted one has an ending that says so."""
        return f"{path}.age" if self._settings.encrypt_to else path

    def put(self, parcel: Parcel, known_sha256: str, intend: Callable[[str, int], object]) -> int:
        """Store a file; again is harmless.

        An encrypted file is another one each time it is made, so that nobody can tell from the
        plain one what must lie there: its hash is recorded before it goes, and what is there
        already counts only when it is that.

        Args:
            parcel: of the plain file; its path without the ending of encrypted ones.
            known_sha256: what was recorded for its path; empty = nothing.
            intend: receives SHA-256 and bytes of what is going to lie there.

        Returns:
            Bytes of what lies there now.

        Raises:
            PlaceUnreachable, PlaceRefused, OSError.
            PlaceConflict: something else lies there.
        """
        if not self._settings.encrypt_to:
            intend(parcel.sha256, parcel.size_bytes)
            self._adapter.put(parcel)
            return parcel.size_bytes
        path = self.path_of(parcel.path)
        if any(stored.path == path for stored in self.stored(path.rpartition("/")[0])):
            digest, size_bytes = hashlib.sha256(), 0

            def take(block: bytes) -> None:
                nonlocal size_bytes
                digest.update(block)
                size_bytes += len(block)

            self._adapter.read(path, take)
            if digest.hexdigest() != known_sha256:
                raise PlaceConflict("archive.place_other_content", place=self.name, file=path)
            intend(known_sha256, size_bytes)
            return size_bytes
        from edefter.archive.places import sealed

        with tempfile.TemporaryDirectory(prefix="edefter-place-") as folder:
            file = Path(folder) / "sealed"
            sealed.encrypt(parcel.source, file, self._settings.encrypt_to, self.name)
            size_bytes, sha256 = file.stat().st_size, sha256_file(file)
            intend(sha256, size_bytes)
            self._adapter.put(
                Parcel(
                    path=path, source=file, size_bytes=size_bytes, sha256=sha256,
                    keep_until=parcel.keep_until,
                )
            )  # fmt: skip
        return size_bytes

    def read_stored(self, path: str, take: Callable[[bytes], object]) -> None:
        """Hand over what lies there, as it lies there."""
        self._adapter.read(path, take)

    def read(self, path: str, target: Path) -> None:
        """Write the plain content of a path to a file.

        Raises:
            PlaceUnreachable, PlaceRefused, PlaceConflict, OSError.
        """
        if not path.endswith(".age"):
            with target.open("wb") as sink:
                self._adapter.read(path, sink.write)
            return
        from edefter.archive.places import sealed

        if self._settings.identity is None:
            raise PlaceRefused("archive.place_incomplete", place=self.name, fields="identity")
        stored = target.with_name(f"{target.name}{sealed.ENDING}")
        try:
            with stored.open("wb") as sink:
                self._adapter.read(path, sink.write)
            identity = self._secret(self._settings.identity)
            sealed.decrypt(stored, target, identity, self.name, path)
        finally:
            stored.unlink(missing_ok=True)

    def stored(self, folder: str) -> Iterator[Stored]:
        """Everything below a folder."""
        return self._adapter.stored(folder)
