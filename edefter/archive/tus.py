"""tus 1.0.0 with creation, expiration, checksum and termination: single requests (portal.md §5).

Only what the server offers is used: without the checksum extension no `Upload-Checksum` is sent.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from edefter.archive.errors import ContractViolation
from edefter.archive.transport import Answer, Channel, origin

VERSION = "1.0.0"
BLOCK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Offer:
    """What the server said it can do.

    Args:
        extensions: names of extensions.
        checksums: names of digests for chunks.
        max_bytes: largest upload; None = not said.
    """

    extensions: frozenset[str]
    checksums: frozenset[str]
    max_bytes: int | None

    @property
    def sha256_chunks(self) -> bool:
        """Whether chunks may carry a SHA-256."""
        return "checksum" in self.extensions and "sha256" in self.checksums


class Piece:
    """A range of a file as a request body, read from disk in blocks.

    Args:
        path: the file.
        offset, length: bytes.

    A file that became shorter ends the body early; the server sees that as a cut.
    """

    def __init__(self, path: Path, offset: int, length: int) -> None:
        self._path, self._offset, self._length = path, offset, length

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        with self._path.open("rb") as source:
            source.seek(self._offset)
            rest = self._length
            while rest > 0:
                block = source.read(min(BLOCK_BYTES, rest))
                if not block:
                    return
                rest -= len(block)
                yield block

    def sha256_base64(self) -> str:
        """Digest of the range for `Upload-Checksum`."""
        digest = hashlib.sha256()
        for block in self:
            digest.update(block)
        return base64.b64encode(digest.digest()).decode("ascii")


class Tus:
    """Requests of one upload token.

    Args:
        channel: to the upload host; it refuses any other address.
        creation_url: where uploads are created.
        token: upload token; secret.
    """

    def __init__(self, channel: Channel, creation_url: str, token: str) -> None:
        self.channel = channel
        self.creation_url = creation_url
        self._token = token

    def discover(self) -> Offer:
        """OPTIONS: what the server offers.

        Raises:
            ContractViolation: another protocol version. Besides: see `Channel.call`.
        """
        answer = self._call("portal.tus.options", "OPTIONS", self.creation_url, (200, 204))
        versions = _names(answer, "tus-version")
        if versions and VERSION not in versions:
            raise ContractViolation("archive.bad_answer", what="tus 1.0.0 is not offered")
        return Offer(
            _names(answer, "tus-extension"),
            _names(answer, "tus-checksum-algorithm"),
            _number(answer, "tus-max-size"),
        )

    def create(self, size_bytes: int, metadata: dict[str, str]) -> str:
        """POST: make an upload; returns its checked address.

        Raises:
            ContractViolation: no `Location`, or one outside the configured host and port.
        """
        pairs = (
            f"{key} {base64.b64encode(value.encode('utf-8')).decode('ascii')}"
            for key, value in metadata.items()
        )
        headers = {"Upload-Length": str(size_bytes), "Upload-Metadata": ",".join(pairs)}
        answer = self._call("portal.tus.create", "POST", self.creation_url, (201,), headers=headers)
        location = answer.headers.get("location", "")
        if not location:
            raise ContractViolation("archive.bad_answer", what="201 without Location")
        return self.checked(location)

    def checked(self, location: str) -> str:
        """An absolute upload address on the configured host and port.

        Raises:
            ContractViolation: `archive.bad_location`.
        """
        url = urljoin(self.creation_url, location)
        if origin(url) != self.channel.origin:
            raise ContractViolation("archive.bad_location", location=url.partition("?")[0][:200])
        return url

    def head(self, url: str, size_bytes: int) -> int:
        """HEAD: the offset to continue from, bytes.

        Raises:
            ContractViolation: no offset, an offset beyond the file, or another length.
        """
        answer = self._call("portal.tus.head", "HEAD", url, (200, 204))
        offset, length = _number(answer, "upload-offset"), _number(answer, "upload-length")
        if offset is None or not 0 <= offset <= size_bytes:
            raise ContractViolation("archive.bad_answer", what="HEAD without a usable offset")
        if length is not None and length != size_bytes:
            raise ContractViolation("archive.bad_answer", what="HEAD with another Upload-Length")
        return offset

    def patch(self, url: str, path: Path, offset: int, length: int, *, checksum: bool) -> int:
        """PATCH: send a range; returns the new offset, bytes.

        Raises:
            ContractViolation: the acknowledged offset lies outside the range sent.
        """
        piece = Piece(path, offset, length)
        headers = {
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        if checksum:
            headers["Upload-Checksum"] = f"sha256 {piece.sha256_base64()}"
        answer = self._call("portal.tus.patch", "PATCH", url, (204,), headers=headers, body=piece)
        moved = _number(answer, "upload-offset")
        if moved is None or not offset <= moved <= offset + length:
            raise ContractViolation("archive.bad_answer", what="PATCH answered another offset")
        return moved

    def abandon(self, url: str) -> None:
        """DELETE: throw the upload away; one that is gone already is fine."""
        self._call("portal.tus.delete", "DELETE", url, (204, 404, 410))

    def _call(
        self,
        operation: str,
        method: str,
        url: str,
        expect: tuple[int, ...],
        *,
        headers: dict[str, str] | None = None,
        body: Piece | None = None,
    ) -> Answer:
        sent = {
            "Tus-Resumable": VERSION,
            "Authorization": f"Bearer {self._token}",
            **(headers or {}),
        }
        return self.channel.call(
            operation, method, url,
            expect=expect, headers=sent, body=body, long_send=body is not None,
        )  # fmt: skip


def _names(answer: Answer, header: str) -> frozenset[str]:
    text = answer.headers.get(header, "")
    return frozenset(item.strip().lower() for item in text.split(",") if item.strip())


def _number(answer: Answer, header: str) -> int | None:
    text = answer.headers.get(header, "")
    return int(text) if text.isascii() and text.isdigit() else None
