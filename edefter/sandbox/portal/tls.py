"""TLS of both listeners; knobs make it wrong in the ways of portal.md §12."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.portal.knobs import Knobs


class TlsDesk:
    """Gives the context for the next connection.

    Knobs: `certificate` = expired, wrong-host or unknown-ca; `tls` = 1.1;
    `refuse_client_certificate` = tls (the upload listener trusts another client CA).

    Args:
        pki: the sandbox's certificates.
        folder: where wrong certificates of another authority are made.
        host: name or address the listeners are reached by.
        knobs: see above.
    """

    def __init__(self, pki: SandboxPki, folder: Path, host: str, knobs: Knobs) -> None:
        self._pki, self._folder, self._knobs = pki, folder, knobs
        self._hosts = tuple(dict.fromkeys((host, "localhost", "127.0.0.1")))
        self._contexts: dict[tuple[bool, str, str, bool], ssl.SSLContext] = {}
        self._foreign_pki: SandboxPki | None = None
        for upload in (False, True):
            self.context(upload=upload)

    def context(self, *, upload: bool) -> ssl.SSLContext:
        """The context in force now."""
        fault = str(self._knobs.get("certificate") or "")
        version = str(self._knobs.get("tls") or "")
        refuse = upload and self._knobs.get("refuse_client_certificate") == "tls"
        key = (upload, fault, version, refuse)
        if key not in self._contexts:
            self._contexts[key] = self._make(upload, fault, version, refuse)
        return self._contexts[key]

    def _make(self, upload: bool, fault: str, version: str, refuse: bool) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if version == "1.1":
            # Old protocols need the lowest security level of OpenSSL 3; only to be refused.
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        else:
            context.minimum_version = ssl.TLSVersion.TLSv1_2
        certificate, key = self._server_files(fault)
        context.load_cert_chain(certificate, key)
        if upload:
            context.verify_mode = ssl.CERT_REQUIRED
            trusted = self._foreign() if refuse else self._pki
            context.load_verify_locations(trusted.folder / "client-ca.pem")
        return context

    def _server_files(self, fault: str) -> tuple[Path, Path]:
        if fault == "expired":
            ended = datetime.now(UTC) - timedelta(days=1)
            return self._pki.issue_server("portal-expired", self._hosts, not_after=ended)
        if fault == "wrong-host":
            return self._pki.issue_server("portal-wrong-host", ("elsewhere.example",))
        if fault == "unknown-ca":
            return self._foreign().issue_server("portal", self._hosts)
        return self._pki.issue_server("portal", self._hosts)

    def _foreign(self) -> SandboxPki:
        if self._foreign_pki is None:
            self._foreign_pki = SandboxPki(self._folder / "foreign-pki")
        return self._foreign_pki
