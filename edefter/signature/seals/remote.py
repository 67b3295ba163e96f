"""A seal kept by a service: the Cloud Signature Consortium's API, version 2 (signHash).

Only a hash leaves the house, never the document. A service is asked once for each signature: when
no answer comes, the caller's run ends and a later run begins anew, for a signature may cost money
and a PIN must not be tried twice.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import time
from functools import cached_property
from pathlib import Path
from typing import Any

import requests
from cryptography import x509
from urllib3.exceptions import NewConnectionError

from edefter.bounded import read_bounded
from edefter.certificates import read_der
from edefter.errors import ConfigError, SealRefused, WaitingError
from edefter.signature.port import SignatureAlgorithm
from edefter.signature.seals.algorithm import algorithm_of, fixed_width
from edefter.signature.seals.pin_guard import PinGuard
from edefter.xmlsig.algorithms import check_value

MAX_ANSWER_BYTES = 1 << 20
_SHA256, _SHA384 = "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2"
_SIGN = {
    SignatureAlgorithm.RSA_SHA256: ("1.2.840.113549.1.1.11", _SHA256, hashlib.sha256),
    SignatureAlgorithm.ECDSA_SHA384: ("1.2.840.10045.4.3.3", _SHA384, hashlib.sha384),
}
_PIN_ERRORS = frozenset({"invalid_pin", "invalid_otp", "locked_pin"})
_SHOWN_LETTERS = 160


class RemoteSeal:
    """A seal behind a remote signing service.

    Args:
        name: how the configuration calls it, for messages.
        url: base address of the API, https, e.g. `https://muhur.example/csc/v2`.
        credential: the service's credentialID of this seal.
        token: access token of the service; sent as bearer token, never shown.
        pin: PIN of the credential; empty = the service asks for none.
        guard: remembers wrong PINs of the credential.
        timeout_s: wait for the connection, for each silence, and for a whole answer.
        ca_bundle: PEM file of TLS roots; None = the bundle that ships with `requests`.

    Raises:
        ConfigError: the address is not https.

    Source: CSC API 2.0 (Cloud Signature Consortium), credentials/info, credentials/authorize,
        signatures/signHash.
    """

    def __init__(
        self,
        name: str,
        *,
        url: str,
        credential: str,
        token: str,
        pin: str = "",
        guard: PinGuard,
        timeout_s: float = 30.0,
        ca_bundle: Path | None = None,
    ) -> None:
        if not url.lower().startswith("https://"):
            raise ConfigError("signature.remote_https", seal=name)
        self._name, self._url, self._credential = name, url.rstrip("/"), credential
        self._token, self._pin, self._timeout_s = token, pin, timeout_s
        self._verify = str(ca_bundle) if ca_bundle is not None else True
        self._guard = guard

    def __repr__(self) -> str:
        return f"RemoteSeal({self._name!r})"

    def unlock(self) -> bool:
        """Forget wrong PINs, because a person says so; whether there were any.

        Raises:
            WaitingError: another process is trying one.
        """
        return self._guard.clear()

    @cached_property
    def _info(self) -> dict[str, Any]:
        question = {"credentialID": self._credential, "certificates": "chain", "authInfo": True}
        info = self._ask("credentials/info", question)
        status = str(_inside(info, "key").get("status", "enabled"))
        if status != "enabled":
            raise SealRefused("signature.remote_disabled", **self._facts, status=status)
        return info

    @cached_property
    def _certificates(self) -> tuple[x509.Certificate, ...]:
        listed = _inside(self._info, "cert").get("certificates")
        try:
            if not isinstance(listed, list) or not listed:
                raise ValueError("no certificate")
            return tuple(read_der(base64.b64decode(str(text), validate=True)) for text in listed)
        except (ValueError, binascii.Error):
            raise self._strange("cert.certificates") from None

    @property
    def certificate(self) -> x509.Certificate:
        """The signing certificate, asked for once.

        Raises:
            SealRefused: the service refuses, or its answer cannot be used.
            WaitingError: it did not answer.
        """
        return self._certificates[0]

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Issuers that the service named, without a root.

        Raises:
            SealRefused, WaitingError: as of `certificate`.
        """
        return tuple(item for item in self._certificates[1:] if item.subject != item.issuer)

    @property
    def algorithm(self) -> SignatureAlgorithm:
        """What the key signs with.

        Raises:
            SealRefused: RSA below 2048 bits or another kind of key; or as of `certificate`.
            WaitingError: the service did not answer.
        """
        return algorithm_of(self.certificate)

    def sign(self, data: bytes) -> bytes:
        """Have the hash of `data` signed; the answer is checked with the certificate's key.

        Raises:
            SealRefused: refused token or PIN (no further try), or a signature that does not fit.
            WaitingError: no answer in time; nothing is asked again here.
        """
        algorithm = self.algorithm
        oid, hash_oid, digest = _SIGN[algorithm]
        hashes = [base64.b64encode(digest(data).digest()).decode("ascii")]
        common = {
            "credentialID": self._credential,
            "hashes": hashes,
            "hashAlgorithmOID": hash_oid,
        }
        sad = self._authorize(common)
        question = {**common, "signAlgo": oid, **({"SAD": sad} if sad else {})}
        signatures = self._ask("signatures/signHash", question).get("signatures")
        try:
            if not isinstance(signatures, list) or len(signatures) != 1:
                raise ValueError("one signature expected")
            value = base64.b64decode(str(signatures[0]), validate=True)
        except (ValueError, binascii.Error):
            raise self._strange("signatures") from None
        if algorithm is SignatureAlgorithm.ECDSA_SHA384:
            value = fixed_width(value)
        key = self.certificate.public_key()
        if check_value(algorithm.value, key, data, value) is not None:
            raise SealRefused("signature.remote_wrong_signature", **self._facts)
        return value

    def _authorize(self, common: dict[str, Any]) -> str:
        """Signature Activation Data for exactly these hashes; empty when the service wants none."""
        auth = _inside(self._info, "auth")
        if auth.get("mode", "implicit") == "implicit" and not self._pin:
            return ""
        question: dict[str, Any] = {**common, "numSignatures": 1}
        if not self._pin:
            sad = self._ask("credentials/authorize", question).get("SAD")
        else:
            question["authData"] = [{"id": "PIN", "value": self._pin}]
            with self._guard.trying(self._pin) as attempt:
                try:
                    sad = self._ask("credentials/authorize", question).get("SAD")
                    attempt.ended = "right"
                except (SealRefused, WaitingError) as problem:
                    # Silence after the PIN went out leaves the note: nobody knows whether it was
                    # tried.
                    if problem.key == "signature.remote_pin":
                        attempt.ended = "wrong"
                    elif problem.facts["answered"]:
                        attempt.ended = "untried"
                    raise
        if not isinstance(sad, str) or not sad:
            raise self._strange("SAD")
        return sad

    @property
    def _facts(self) -> dict[str, Any]:
        return {"seal": self._name, "service": self._url, "answered": True}

    def _strange(self, field: str) -> SealRefused:
        return SealRefused("signature.remote_strange", **self._facts, field=field)

    def _ask(self, path: str, question: dict[str, Any]) -> dict[str, Any]:
        """One request, never repeated; its content reaches no message."""
        end = time.monotonic() + self._timeout_s
        try:
            with requests.Session() as session:
                session.trust_env = False  # a CA bundle or proxy of the environment would win
                with session.post(
                    f"{self._url}/{path}",
                    data=json.dumps(question).encode(),
                    headers={
                        "Authorization": f"Bearer {self._token}",
                        "Content-Type": "application/json",
                        "Accept-Encoding": "identity",
                        "User-Agent": "edefter",
                    },
                    timeout=self._timeout_s,
                    verify=self._verify,
                    allow_redirects=False,
                    stream=True,
                ) as answer:
                    status = answer.status_code
                    body = read_bounded(answer, most_bytes=MAX_ANSWER_BYTES, deadline=end)
        except requests.exceptions.SSLError:
            raise SealRefused("signature.remote_tls", **self._facts) from None
        except requests.RequestException as error:
            facts = {**self._facts, "detail": type(error).__name__, "answered": _unsent(error)}
            raise WaitingError("signature.remote_silent", **facts) from None
        content = _json(body)
        if status != 200:
            raise self._refusal(status, content or {})
        if content is None:
            raise self._strange(path)
        return content

    def _refusal(self, status: int, content: dict[str, Any]) -> SealRefused | WaitingError:
        code = str(content.get("error", ""))
        detail = f"HTTP {status} {code} {content.get('error_description', '')}"
        for secret in (self._token, self._pin):
            detail = detail.replace(secret, "***") if secret else detail
        facts = {**self._facts, "detail": " ".join(detail.split())[:_SHOWN_LETTERS]}
        if code in _PIN_ERRORS:
            return SealRefused("signature.remote_pin", **facts)
        if status in (401, 403):
            return SealRefused("signature.remote_token", **facts)
        if status in (429, 503):
            return WaitingError("signature.remote_silent", **facts)
        if status in (500, 502, 504):  # it broke on the way: how far the PIN got is not known
            return WaitingError("signature.remote_silent", **{**facts, "answered": False})
        return SealRefused("signature.remote_refused", **facts)


def _unsent(error: requests.RequestException) -> bool:
    """Whether nothing of the request can have arrived."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)


def _json(body: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _inside(content: dict[str, Any], name: str) -> dict[str, Any]:
    found = content.get(name)
    return found if isinstance(found, dict) else {}
