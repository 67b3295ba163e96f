"""Sections about keeping: archive portal, local archive tree, second places."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from edefter.config.section import SecretRef, Section


class PortalSettings(Section):
    """The archive portal: control on 443, tus upload on 4443 (portal.md).

    Args:
        control_url: base of the control channel.
        upload_url: tus creation URL.
        ca_bundle: PEM file of TLS roots for both channels.
        api_key, api_secret: credentials of the firm.
        client_certificate, client_key: PEM files for 4443; made at registration when missing.
        pins: SHA-256 of the keys that the portal's servers may show (RFC 7469, base64); empty = any
            key of a certificate that verifies. Name the next key, too, before it is changed.
        receipt_keys: JWK set file with the portal's receipt keys; None = the keys seen at first
            contact are pinned.
        chunk_bytes: first chunk size, 1 … 64 MiB.
        parallel: uploads at once.
        challenge_percent: of the portal's copies, this share is read back by each
            `edefter archive prove`, at least one.
        proxy: URL of an HTTP proxy for both channels; empty = none.
        upload_proxy: another one for the upload channel, empty = none for it; None = the same. Few
            proxies let port 4443 through.
    """

    enabled: bool = True
    control_url: str = "https://firma.myedefter.com.tr/api/v1"
    upload_url: str = "https://firma.myedefter.com.tr:4443/files/"
    ca_bundle: Path | None = None
    api_key: SecretRef | None = None
    api_secret: SecretRef | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    mutual_tls: bool = True
    pins: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$")], ...] = ()
    receipt_keys: Path | None = None
    connect_timeout_s: float = 10.0
    progress_timeout_s: float = 60.0
    chunk_bytes: int = Field(default=8 * 1024 * 1024, ge=1024 * 1024, le=64 * 1024 * 1024)
    parallel: int = Field(default=3, ge=1, le=16)
    retry_limit_s: float = 1800.0
    finalize_wait_s: float = 300.0
    challenge_percent: float = Field(default=2.0, gt=0, le=100)
    proxy: str = ""
    upload_proxy: str | None = None

    @property
    def proxy_of_uploads(self) -> str:
        """The proxy of the upload channel; empty = none."""
        return self.proxy if self.upload_proxy is None else self.upload_proxy


class ArchiveSettings(Section):
    """The local archive tree (lifecycle.md §10); folder spellings are configurable.

    Args:
        root: top folder.
        year_folder: name of the fiscal-year folder; `{start}` and `{end}` are dd.mm.yyyy.
        month_folder: `{month:02d}` and `{year}` are filled in.
        cancelled_folder: name of the folder of cancelled sets.
        retention_years: files are kept so long after the end of their fiscal year; see
            lifecycle.md §10 for what the laws say.
    """

    root: Path = Path("archive")
    year_folder: str = "{start}-{end}"
    month_folder: str = "{month:02d}"
    cancelled_folder: str = "İPTAL EDİLENLER (SİLİNENLER)"
    retention_years: int = Field(default=10, ge=5, le=100)


class PlaceSettings(Section):
    """A second place for the archive's files, besides the portal.

    Args:
        kind: `folder`, `sftp` or `s3`.
        country: where it stands, two letters (ISO 3166); must be declared, since books may have
            to stay in Türkiye: that is for counsel to check.
        folder: top folder there, or prefix of the keys; of a `folder` its absolute path.
        host, port, user, key, passphrase, known_hosts: of an SFTP server; its host key must be in
            the known-hosts file.
        endpoint, region, bucket, access_key, secret_key, ca_bundle: of S3-compatible storage.
        lock: object lock of the bucket until the retention is over; `none` = without.
        encrypt_to: age recipients (`age1…`) that contents are encrypted to on the way.
        identity: the age identity (`AGE-SECRET-KEY-…`) to read them again.
        connect_timeout_s, progress_timeout_s: waits in seconds.
    """

    kind: Literal["folder", "sftp", "s3"]
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    folder: str = "edefter"
    host: str = ""
    port: int = Field(default=22, ge=1, le=65535)
    user: str = ""
    key: Path | None = None
    passphrase: SecretRef | None = None
    known_hosts: Path | None = None
    endpoint: str = ""
    region: str = "us-east-1"
    bucket: str = ""
    access_key: SecretRef | None = None
    secret_key: SecretRef | None = None
    ca_bundle: Path | None = None
    lock: Literal["compliance", "governance", "none"] = "compliance"
    encrypt_to: tuple[str, ...] = ()
    identity: SecretRef | None = None
    connect_timeout_s: float = 10.0
    progress_timeout_s: float = 60.0
