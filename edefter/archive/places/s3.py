"""S3-compatible storage with object lock: what is stored cannot be changed or deleted before time.

Credentials are those of the configuration alone: no environment, no metadata service. Integrity
of a transfer is the server's duty by Content-MD5; what it is worth is shown by reading back.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from edefter.archive.places.port import (
    Parcel,
    PlaceConflict,
    PlaceRefused,
    PlaceUnreachable,
    Stored,
)
from edefter.config.keeping import PlaceSettings
from edefter.config.section import SecretRef

_BLOCK_BYTES = 1 << 18
_NOT_FOUND = frozenset({"404", "NoSuchKey", "NotFound"})
_PASSING = frozenset({"SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout"})


class S3Place:
    """One bucket.

    Args:
        name: as configured.
        settings: endpoint, bucket, credentials, lock.
        secret: resolves the credentials.

    Raises:
        PlaceRefused: incomplete settings, no TLS, credentials, no such bucket, or one that cannot
            lock.
        PlaceUnreachable: nobody answers.
    """

    def __init__(
        self, name: str, settings: PlaceSettings, secret: Callable[[SecretRef], str]
    ) -> None:
        self.name = name
        self._settings = settings
        wanted = ("endpoint", "bucket", "access_key", "secret_key")
        missing = [key for key in wanted if not getattr(settings, key)]
        if missing or settings.access_key is None or settings.secret_key is None:
            raise PlaceRefused("archive.place_incomplete", place=name, fields=", ".join(missing))
        if not settings.endpoint.startswith("https://"):
            raise PlaceRefused("archive.place_without_tls", place=name, url=settings.endpoint)
        session = boto3.session.Session(
            aws_access_key_id=secret(settings.access_key),
            aws_secret_access_key=secret(settings.secret_key),
            region_name=settings.region,
        )
        # Servers of others know the newest checksums of AWS not or only in part.
        config = Config(
            signature_version="s3v4", s3={"addressing_style": "path"},
            connect_timeout=settings.connect_timeout_s, read_timeout=settings.progress_timeout_s,
            retries={"mode": "standard", "max_attempts": 4},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )  # fmt: skip
        self._client: Any = session.client(
            "s3", endpoint_url=settings.endpoint, config=config,
            verify=str(settings.ca_bundle) if settings.ca_bundle else True,
        )  # fmt: skip
        if settings.lock != "none":
            self._require_lock()

    def put(self, parcel: Parcel) -> None:
        """Store; see `Place.put`."""
        key = self._key(parcel.path)
        with self._told():
            if self._is(key, parcel):
                return
            locked: dict[str, Any] = {}
            if self._settings.lock != "none":
                locked = {
                    "ObjectLockMode": self._settings.lock.upper(),
                    "ObjectLockRetainUntilDate": datetime.combine(
                        parcel.keep_until, time.max, UTC
                    ).replace(microsecond=0),
                }
            with parcel.source.open("rb") as source:
                self._client.put_object(
                    Bucket=self._settings.bucket, Key=key, Body=source,
                    ContentLength=parcel.size_bytes, ContentMD5=_md5(parcel),
                    Metadata={"sha256": parcel.sha256}, **locked,
                )  # fmt: skip

    def read(self, path: str, take: Callable[[bytes], object]) -> None:
        """Hand over; see `Place.read`."""
        with self._told():
            answer = self._client.get_object(Bucket=self._settings.bucket, Key=self._key(path))
            for block in answer["Body"].iter_chunks(_BLOCK_BYTES):
                take(block)

    def stored(self, folder: str) -> Iterator[Stored]:
        """List; see `Place.stored`."""
        prefix = self._key(folder.strip("/"))
        with self._told():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._settings.bucket, Prefix=f"{prefix}/" if prefix else ""
            )
            for page in pages:
                for row in page.get("Contents", ()):
                    path = row["Key"].removeprefix(self._key(""))
                    yield Stored(path, int(row["Size"]), row["LastModified"].astimezone(UTC))

    def close(self) -> None:
        """End connections."""
        self._client.close()

    # -- small things ------------------------------------------------------------------------

    def _key(self, path: str) -> str:
        folder = self._settings.folder.strip("/")
        return f"{folder}/{path}" if folder else path

    def _is(self, key: str, parcel: Parcel) -> bool:
        try:
            head = self._client.head_object(Bucket=self._settings.bucket, Key=key)
        except ClientError as error:
            if _code(error) in _NOT_FOUND:
                return False
            raise
        same = head["ContentLength"] == parcel.size_bytes
        if not same or head["Metadata"].get("sha256") != parcel.sha256:
            raise PlaceConflict("archive.place_other_content", place=self.name, file=parcel.path)
        return True

    def _require_lock(self) -> None:
        with self._told():
            try:
                answer = self._client.get_object_lock_configuration(Bucket=self._settings.bucket)
                enabled = answer["ObjectLockConfiguration"].get("ObjectLockEnabled")
            except ClientError as error:
                if _code(error) not in ("ObjectLockConfigurationNotFoundError", *_NOT_FOUND):
                    raise
                enabled = ""
        if enabled != "Enabled":
            raise PlaceRefused(
                "archive.place_without_lock", place=self.name, bucket=self._settings.bucket
            )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns what the library raises into errors of the port."""
        try:
            yield
        except ClientError as error:
            reason = f"{_code(error)}: {error.response.get('Error', {}).get('Message') or '-'}"
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if status >= 500 or _code(error) in _PASSING:
                raise self._unreachable(reason) from None
            raise PlaceRefused("archive.place_refused", place=self.name, reason=reason) from None
        except BotoCoreError as error:
            raise self._unreachable(str(error)) from None

    def _unreachable(self, reason: str) -> PlaceUnreachable:
        return PlaceUnreachable(
            "archive.place_unreachable", place=self.name, host=self._settings.endpoint,
            reason=reason,
        )  # fmt: skip


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _md5(parcel: Parcel) -> str:
    with parcel.source.open("rb") as source:
        # Asked for by the protocol; what the content is, its SHA-256 says.
        digest = hashlib.file_digest(source, lambda: hashlib.md5(usedforsecurity=False))
    return base64.b64encode(digest.digest()).decode("ascii")
