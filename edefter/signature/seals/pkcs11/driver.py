"""The token, as the helper process sees it; nothing here is imported by the service itself.

One session per token. Slots are never addressed by index or id: both change when a reader is
plugged in elsewhere. A token is told by its label, its serial number, or both.

Source: PKCS#11 v2.40 (OASIS); signing.md §3.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import pkcs11
from pkcs11 import Attribute, Mechanism, ObjectClass, TokenFlag

_FLAGS = {
    "login_required": TokenFlag.LOGIN_REQUIRED,
    "pin_pad": TokenFlag.PROTECTED_AUTHENTICATION_PATH,
    "count_low": TokenFlag.USER_PIN_COUNT_LOW,
    "final_try": TokenFlag.USER_PIN_FINAL_TRY,
    "locked": TokenFlag.USER_PIN_LOCKED,
}
_MECHANISMS = {
    "SHA256_RSA_PKCS": Mechanism.SHA256_RSA_PKCS,
    "RSA_PKCS": Mechanism.RSA_PKCS,
    "ECDSA": Mechanism.ECDSA,
}


class NotChosen(Exception):
    """No token, or more than one, is the one that was asked for.

    Args:
        found: label and serial of all tokens that are there.
        fitting: how many of them fit.
    """

    def __init__(self, found: list[str], fitting: int) -> None:
        super().__init__(f"{fitting} tokens fit")
        self.found, self.fitting = found, fitting


@dataclass
class _Open:
    """A token with an open session."""

    session: Any
    keys: dict[str, Any] = field(default_factory=dict)


class Driver:
    """A loaded PKCS#11 library.

    Args:
        module: path of the library.

    Raises:
        pkcs11.PKCS11Error: it cannot be loaded or does not start.
    """

    def __init__(self, module: str) -> None:
        self._library = pkcs11.lib(module)
        self._open: dict[tuple[str, str], _Open] = {}  # as the configuration names the token

    def token(self, label: str, serial: str) -> dict[str, Any]:
        """Label, serial and flags of the token, freshly asked for.

        Raises:
            NotChosen: none or several fit.
        """
        token = self._find(label, serial)
        flags = token.flags
        return {
            "label": token.label,
            "serial": _serial(token),
            "model": f"{token.manufacturer_id.strip()} {token.model.strip()}",
            **{name: bool(flags & flag) for name, flag in _FLAGS.items()},
        }

    def _find(self, label: str, serial: str) -> Any:
        found, fitting = [], []
        for slot in self._library.get_slots(token_present=True):
            try:
                token = slot.get_token()
            except (pkcs11.TokenNotPresent, pkcs11.TokenNotRecognised):
                continue
            found.append(f"{token.label} ({_serial(token)})")
            if label in ("", token.label) and serial in ("", _serial(token)):
                fitting.append(token)
        if len(fitting) != 1:
            raise NotChosen(found, len(fitting))
        return fitting[0]

    def open(self, label: str, serial: str, pin: str | None) -> dict[str, Any]:
        """Log in once and say what is on the token.

        Args:
            pin: None = the token asks for it on its own keypad.

        Returns:
            `certificates`: base64 DER, label, id; `keys`: id, label, the public value where the
            token tells it, and whether each use needs a login of its own; `mechanisms`: those of
            ours that the token has; `tried`: whether the PIN was, for a login holds for all
            sessions of a process.
        """
        opened, tried = self._open.get((label, serial)), False
        if opened is None:
            opened, tried = self._log_in(label, serial, pin)
        opened.keys.clear()
        keys: list[dict[str, Any]] = []
        certificates: list[dict[str, Any]] = []
        points = _points(opened.session)
        for key in opened.session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}):
            names = (_hex(_get(key, Attribute.ID)), _get(key, Attribute.LABEL) or "")
            number = str(len(keys))
            opened.keys[number] = key
            keys.append(
                {
                    "key": number,
                    "id": names[0],
                    "label": names[1],
                    "public": _modulus(key) or points.get(names, ""),
                    "signs": _get(key, Attribute.SIGN) is not False,
                    "each_time": bool(_get(key, Attribute.ALWAYS_AUTHENTICATE)),
                }
            )
        for item in opened.session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
            value = _get(item, Attribute.VALUE)
            if value:
                certificates.append(
                    {
                        "der": base64.b64encode(value).decode("ascii"),
                        "id": _hex(_get(item, Attribute.ID)),
                        "label": _get(item, Attribute.LABEL) or "",
                    }
                )
        known = opened.session.token.slot.get_mechanisms()
        mechanisms = [name for name, value in _MECHANISMS.items() if value in known]
        return {
            "certificates": certificates,
            "keys": keys,
            "mechanisms": mechanisms,
            "tried": tried,
        }

    def _log_in(self, label: str, serial: str, pin: str | None) -> tuple[_Open, bool]:
        token = self._find(label, serial)
        login = pkcs11.PROTECTED_AUTH if pin is None else pin
        try:
            session, tried = token.open(user_pin=login), True
        except pkcs11.UserAlreadyLoggedIn:  # for another seal on the same token
            session, tried = token.open(), False
        opened = self._open[label, serial] = _Open(session)
        return opened, tried

    def sign(
        self, label: str, serial: str, key: str, mechanism: str, data: bytes, pin: str | None
    ) -> bytes:
        """One signature.

        Args:
            key: as `open` named it.
            mechanism: as `open` named it.
            data: what the mechanism takes.
            pin: for keys that want a login for each use, else None.

        Raises:
            KeyError: not opened, or unknown key or mechanism.
        """
        held = self._open[label, serial].keys[key]
        extra = {} if pin is None else {"pin": pin}
        value: bytes = held.sign(data, mechanism=_MECHANISMS[mechanism], **extra)
        return value

    def end(self) -> None:
        """Log out and let go of the token (C_Finalize)."""
        self._open.clear()
        self._library.finalize()


def _serial(token: Any) -> str:
    serial: bytes = token.serial
    return serial.decode("utf-8", "replace").strip("\x00 ")


def _points(session: Any) -> dict[tuple[str, str], str]:
    """EC public keys by id and label, where these tell one: private keys do not say theirs."""
    found: dict[tuple[str, str], list[str]] = {}
    for item in session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY}):
        if point := _hex(_get(item, Attribute.EC_POINT)):
            names = (_hex(_get(item, Attribute.ID)), _get(item, Attribute.LABEL) or "")
            found.setdefault(names, []).append(point)
    return {names: points[0] for names, points in found.items() if len(points) == 1}


def _modulus(key: Any) -> str:
    value = _get(key, Attribute.MODULUS)
    if isinstance(value, int):
        value = value.to_bytes((value.bit_length() + 7) // 8)
    return _hex(value)


def _get(item: Any, attribute: Attribute) -> Any:
    """An attribute that tokens may leave out or refuse to tell."""
    try:
        return item[attribute]
    except (
        pkcs11.AttributeTypeInvalid,
        pkcs11.AttributeSensitive,
        pkcs11.AttributeValueInvalid,
        KeyError,
    ):
        return None


def _hex(value: bytes | None) -> str:
    return (value or b"").hex()
