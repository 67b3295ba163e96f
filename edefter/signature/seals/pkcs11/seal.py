"""A seal on a card, token or HSM, as the product sees it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cryptography import x509

from edefter.errors import ConfigError, SealRefused, WaitingError
from edefter.signature.port import Candidate, SignatureAlgorithm
from edefter.signature.seals.algorithm import algorithm_of, fixed_width
from edefter.signature.seals.pin_guard import PinGuard
from edefter.signature.seals.pkcs11.faults import PIN_UNTRIED, PIN_WRONG, error_of
from edefter.signature.seals.pkcs11.holding import Held, held_on
from edefter.signature.seals.pkcs11.process import HelperGone, HelperSilent, helper_of
from edefter.telling import Remark
from edefter.xmlsig.algorithms import check_value
from edefter.xmlsig.certificate import may_sign, tax_number

_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""DER of a DigestInfo for SHA-256 up to the hash itself (RFC 8017 §9.2, note 1)."""


class Pkcs11Seal:
    """A seal behind a PKCS#11 library, which runs in a process of its own.

    Nothing is opened before it is needed. The PIN is read from its secret at each login and kept
    nowhere.

    Args:
        name: how the configuration calls it, for messages.
        module: the library.
        token_label, token_serial: which token; at least one.
        key_label: label of the certificate or its key; empty = all that are there.
        pin: gives the PIN; None = the token has a keypad of its own.
        guard_of: gives the memory of wrong PINs of a token, by its identity.
        timeout_s: wait for one answer of the token.
        owners: tax numbers whose certificate is used before one was chosen; empty = anyone's.

    Raises:
        ConfigError: the library does not exist.

    Source: signing.md §2 and §3.
    """

    def __init__(
        self,
        name: str,
        *,
        module: Path,
        token_label: str,
        token_serial: str,
        key_label: str,
        pin: Callable[[], str] | None,
        guard_of: Callable[[str], PinGuard],
        timeout_s: float,
        owners: Sequence[str] = (),
    ) -> None:
        if not module.exists():
            raise ConfigError("seal.library_missing", seal=name, module=str(module))
        self._name, self._module = name, module
        self._token = {"label": token_label, "serial": token_serial}
        self._key_label, self._pin, self._guard_of = key_label, pin, guard_of
        self._timeout_s, self._owners = timeout_s, frozenset(owners)
        self._helper = helper_of(module)
        self._generation = -1  # of the helper that we are logged in at
        self._held: tuple[Held, ...] = ()
        self._mechanisms: frozenset[str] = frozenset()
        self._chosen: bytes = b""  # fingerprint of the certificate in use
        self._remarks: tuple[Remark, ...] = ()

    def __repr__(self) -> str:
        return f"Pkcs11Seal({self._name!r})"

    # -- what is on the token ----------------------------------------------------------------

    def candidates(self) -> tuple[Candidate, ...]:
        """All certificates on the token that the configuration does not exclude.

        Raises:
            SealRefused, WaitingError, ConfigError: the token cannot be used, each with its reason.
        """
        self._login()
        return tuple(item.candidate for item in self._held)

    def choose(self, candidate: Candidate) -> None:
        """Sign with this certificate from now on."""
        self._chosen = candidate.fingerprint

    def remarks(self) -> tuple[Remark, ...]:
        """That wrong PINs were given since the last right one."""
        return self._remarks

    def _current(self) -> Held:
        """The chosen certificate; before a choice the owners' newest one that may sign.

        A run that only asks GİB about what was sent makes no choice, and a shared token holds
        certificates of several companies.
        """
        self._login()
        chosen = [item for item in self._held if item.candidate.fingerprint == self._chosen]
        if chosen:
            return chosen[0]
        usable = [item for item in self._held if item.key and may_sign(item.candidate.certificate)]
        if self._owners:
            usable = [
                item for item in usable if tax_number(item.candidate.certificate) in self._owners
            ]
        if not usable:
            raise SealRefused(
                "seal.no_signing_certificate",
                **self._facts, owners=", ".join(sorted(self._owners)) or "-",
            )  # fmt: skip
        return max(usable, key=lambda item: item.candidate.certificate.not_valid_before_utc)

    @property
    def certificate(self) -> x509.Certificate:
        """The signing certificate.

        Raises:
            SealRefused, WaitingError, ConfigError: as of `candidates`.
        """
        return self._current().candidate.certificate

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Issuers that lie on the token, without a root.

        Raises:
            SealRefused, WaitingError, ConfigError: as of `candidates`.
        """
        return self._current().candidate.chain

    @property
    def algorithm(self) -> SignatureAlgorithm:
        """What the key signs with.

        Raises:
            SealRefused: RSA below 2048 bits or another kind of key; and as of `candidates`.
            WaitingError, ConfigError: as of `candidates`.
        """
        return algorithm_of(self.certificate)

    # -- signing -----------------------------------------------------------------------------

    def sign(self, data: bytes) -> bytes:
        """Sign `data`; the value is checked with the certificate's key before it is given out.

        Raises:
            SealRefused: wrong or locked PIN, token removed, key unusable, wrong value.
            WaitingError: the driver hung or died, or the login was lost; a later run continues.
            ConfigError: the library cannot be loaded.
        """
        with self._helper.lock:  # login and signature belong to one helper
            held = self._current()
            certificate = held.candidate.certificate
            algorithm = algorithm_of(certificate)
            if not held.key:
                raise SealRefused("seal.no_private_key", **self._facts)
            mechanism, given = self._prepared(algorithm, data)
            request: dict[str, Any] = {
                "key": held.key,
                "mechanism": mechanism,
                "data": base64.b64encode(given).decode("ascii"),
                "pin": None,
            }
            if held.each_time and self._pin is not None:
                result = self._guarded("sign", request)
            else:
                result = self._result(self._ask("sign", **request))
        value = base64.b64decode(str(result["value"]))
        if algorithm is SignatureAlgorithm.ECDSA_SHA384:
            value = fixed_width(value)
        if check_value(algorithm.value, certificate.public_key(), data, value) is not None:
            raise SealRefused("seal.wrong_signature", **self._facts)
        return value

    def _prepared(self, algorithm: SignatureAlgorithm, data: bytes) -> tuple[str, bytes]:
        """Mechanism, and what it takes: some tokens hash by themselves, others cannot."""
        if algorithm is SignatureAlgorithm.ECDSA_SHA384:
            if "ECDSA" in self._mechanisms:
                return "ECDSA", hashlib.sha384(data).digest()
        elif "SHA256_RSA_PKCS" in self._mechanisms:
            return "SHA256_RSA_PKCS", data
        elif "RSA_PKCS" in self._mechanisms:
            return "RSA_PKCS", _SHA256_INFO + hashlib.sha256(data).digest()
        raise SealRefused("seal.mechanism", **self._facts, code=algorithm.name)

    # -- login -------------------------------------------------------------------------------

    def _login(self) -> None:
        with self._helper.lock:
            if self._generation == self._helper.ensure():
                return
            state = self._state()
            low = Remark("seal.pin_count_low", self._facts)
            self._remarks = (low,) if state["count_low"] else ()
            if self._pin is None:
                if not state["pin_pad"]:
                    raise ConfigError(
                        "signature.seal_not_configured", seal=self._name, field="password"
                    )
                content = self._result(self._ask("open", pin=None))
            else:
                content = self._guarded("open", {})
            self._held = held_on(content, self._key_label)
            if not self._held:
                label = self._key_label or "-"
                raise SealRefused("seal.no_certificate", **self._facts, label=label)
            self._mechanisms = frozenset(content["mechanisms"])
            self._generation = self._helper.generation

    def _state(self) -> dict[str, Any]:
        """What the token says of itself; refused when it must not be given a PIN."""
        state = self._result(self._ask("token"))
        if state["locked"]:
            raise SealRefused("seal.pin_locked", **self._facts)
        if state["final_try"]:
            raise SealRefused("seal.pin_final_try", **self._facts)
        return state

    def unlock(self) -> bool:
        """Forget wrong PINs of the token that is there now; whether there were any.

        Raises:
            SealRefused, WaitingError, ConfigError: the token cannot be asked who it is.
        """
        return self._guard().clear()

    def _guard(self) -> PinGuard:
        told = self._result(self._ask("token"))
        return self._guard_of(f"{told['model']} {told['serial']} {told['label']}")

    def _guarded(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """A request that carries the PIN: noted before, cleared after success, never repeated."""
        assert self._pin is not None
        pin = self._pin()
        with self._guard().trying(pin) as attempt:
            attempt.ended = "untried"
            self._state()  # once more: another process may just have had its turn
            attempt.ended = "unknown"
            answer = self._ask(action, **{**request, "pin": pin})
            error = answer.get("error")
            if error is None:
                attempt.ended = "right" if answer["result"].get("tried", True) else "untried"
            elif error in PIN_WRONG:
                attempt.ended = "wrong"
            elif error in PIN_UNTRIED:
                attempt.ended = "untried"
            # Anything else leaves the note: whether the PIN was tried is not known.
        return self._result(answer)

    # -- asking ------------------------------------------------------------------------------

    @property
    def _facts(self) -> dict[str, str]:
        token = " ".join(filter(None, self._token.values()))
        return {"seal": self._name, "module": str(self._module), "token": token}

    def _ask(self, action: str, **what: Any) -> dict[str, Any]:
        try:
            return self._helper.ask(action, timeout_s=self._timeout_s, **self._token, **what)
        except HelperSilent:
            seconds = f"{self._timeout_s:g}"
            raise WaitingError("seal.helper_silent", **self._facts, seconds=seconds) from None
        except HelperGone:
            raise WaitingError("seal.helper_gone", **self._facts) from None

    def _result(self, answer: dict[str, Any]) -> dict[str, Any]:
        if "error" not in answer:
            result: dict[str, Any] = answer["result"]
            return result
        # A failed call may leave the session in any state: the next request begins with a new one.
        self._helper.end()
        raise error_of(answer, **self._facts)
