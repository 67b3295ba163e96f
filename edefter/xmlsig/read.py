"""One ds:Signature element as plain values; unusual shapes are refused, not guessed."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from edefter.certificates import read_der
from edefter.xmlsig.names import (
    CANONICALIZATIONS,
    EDEFTER,
    ENVELOPED,
    EXCLUSIVE_PREFIX_LIST,
    INCLUSIVE,
    Canonicalization,
    ds,
    xades,
)
from edefter.xmlsig.parsing import Element
from edefter.xmlsig.problem import Problem, Unreadable, Verdict

_PARTS = frozenset(map(ds, ("SignedInfo", "SignatureValue", "KeyInfo", "Object")))
_LEDGER_NAMESPACES = (f"{{{EDEFTER}", "{http://www.xbrl.org/")

_BLANK = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class Reference:
    """One ds:Reference.

    Args:
        uri: `""`, `#id`, another URI, or None when the attribute is missing.
        type: its Type, empty when missing.
        enveloped: it has the enveloped-signature transform.
        canonicalization: of the referenced nodes; inclusive when no transform names one.
        digest_method: URI.
        digest: expected value.
    """

    uri: str | None
    type: str
    enveloped: bool
    canonicalization: Canonicalization
    digest_method: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class SignatureParts:
    """What a ds:Signature holds.

    Args:
        element, signed_info, value_element: the nodes themselves.
        signature_id: its Id, may be empty.
        canonicalization: of SignedInfo.
        method: SignatureMethod.
        references: in document order.
        value: decoded signature value.
        value_text: the same as text without white space.
        value_id: Id of ds:SignatureValue, may be empty.
        certificates: all X509Certificate of KeyInfo, in order.
        signed_properties: the XAdES node of this signature, or None.
    """

    element: Element
    signed_info: Element
    value_element: Element
    signature_id: str
    canonicalization: Canonicalization
    method: str
    references: tuple[Reference, ...]
    value: bytes
    value_text: str
    value_id: str
    certificates: tuple[x509.Certificate, ...]
    signed_properties: Element | None


def compact(text: str | None) -> str:
    """Text without XML white space, the form in which signature values are compared."""
    return _BLANK.sub("", text or "")


def refuse(key: str, verdict: Verdict = Verdict.STRUCTURE, **facts: object) -> Unreadable:
    """The problem `xmlsig.<key>` as an exception."""
    return Unreadable(Problem(verdict, f"xmlsig.{key}", dict(facts)))


def text_of(element: Element) -> str:
    """Text of an element that may hold nothing but text.

    Raises:
        Unreadable: it has children; comments inside a value can hide what is signed.
    """
    if len(element):
        raise refuse("structure", what=local_name(element))
    return element.text or ""


def local_name(element: Element) -> str:
    """Element name without namespace, for messages."""
    return str(element.tag).rpartition("}")[2]


def only(parent: Element, name: str) -> Element:
    """The one child of that name.

    Raises:
        Unreadable: none or several.
    """
    found = parent.findall(name)
    if len(found) != 1:
        raise refuse("structure", what=name.rpartition("}")[2])
    return found[0]


def decode(element: Element) -> bytes:
    """Base64 content, strictly.

    Raises:
        Unreadable: not base64.
    """
    try:
        return base64.b64decode(compact(text_of(element)), validate=True)
    except (binascii.Error, ValueError):
        raise refuse("structure", what=local_name(element)) from None


def read_signature(element: Element) -> SignatureParts:
    """Take a ds:Signature apart.

    Raises:
        Unreadable: a mandatory part is missing, twice, or of a kind that we do not accept.
    """
    _refuse_strangers(element)
    signed_info = only(element, ds("SignedInfo"))
    value_element = only(element, ds("SignatureValue"))
    method = only(signed_info, ds("CanonicalizationMethod"))
    references = tuple(_reference(node) for node in signed_info.findall(ds("Reference")))
    return SignatureParts(
        element=element,
        signed_info=signed_info,
        value_element=value_element,
        signature_id=element.get("Id", ""),
        canonicalization=_canonicalization(method),
        method=_algorithm(only(signed_info, ds("SignatureMethod"))),
        references=references,
        value=decode(value_element),
        value_text=compact(value_element.text),
        value_id=value_element.get("Id", ""),
        certificates=_certificates(element),
        signed_properties=_signed_properties(element),
    )


def _refuse_strangers(element: Element) -> None:
    """Nothing but XML-DSig's own parts, and no ledger content where nobody signs it.

    What stands in ds:Object can be added after signing: a reader that searches for entries instead
    of taking them by their place would find a forged one there.
    """
    for child in element.iterchildren("*"):
        if child.tag not in _PARTS:
            raise refuse("structure", what=local_name(child))
    for holder in element.iterchildren(ds("Object")):
        for node in holder.iter("*"):
            if str(node.tag).startswith(_LEDGER_NAMESPACES):
                raise refuse("unsigned_content", what=local_name(node))


def _algorithm(node: Element) -> str:
    """An algorithm without parameters; none that we accept has any."""
    if len(node):
        raise refuse("structure", what=local_name(node))
    return node.get("Algorithm", "")


def _canonicalization(node: Element) -> Canonicalization:
    algorithm = node.get("Algorithm", "")
    method = CANONICALIZATIONS.get(algorithm)
    if method is None:
        raise refuse("transform", algorithm=algorithm or "-")
    if not method.exclusive:
        if len(node):
            raise refuse("transform", algorithm=algorithm)
        return method
    lists = node.findall(f"{{{EXCLUSIVE_PREFIX_LIST}}}InclusiveNamespaces")
    if len(lists) != len(node) or len(lists) > 1:
        raise refuse("transform", algorithm=algorithm)
    listed = lists[0].get("PrefixList", "").split() if lists else ()
    prefixes = tuple("" if prefix == "#default" else prefix for prefix in listed)
    return Canonicalization(True, method.with_comments, prefixes)


def _reference(node: Element) -> Reference:
    holders = node.findall(ds("Transforms"))
    if len(holders) > 1:
        raise refuse("structure", what="Transforms")
    steps = holders[0].findall(ds("Transform")) if holders else []
    enveloped = bool(steps) and steps[0].get("Algorithm") == ENVELOPED
    rest = steps[1:] if enveloped else steps
    if len(rest) > 1:
        raise refuse("transform", algorithm=rest[1].get("Algorithm", "-"))
    return Reference(
        uri=node.get("URI"),
        type=node.get("Type", ""),
        enveloped=enveloped,
        canonicalization=_canonicalization(rest[0]) if rest else INCLUSIVE,
        digest_method=_algorithm(only(node, ds("DigestMethod"))),
        digest=decode(only(node, ds("DigestValue"))),
    )


def _certificates(element: Element) -> tuple[x509.Certificate, ...]:
    nodes = element.findall(f"{ds('KeyInfo')}/{ds('X509Data')}/{ds('X509Certificate')}")
    if not nodes:
        raise refuse("no_certificate")
    found = []
    for node in nodes:
        try:
            found.append(read_der(decode(node)))
        except ValueError:
            raise refuse("certificate_unreadable") from None
    return tuple(found)


def _signed_properties(element: Element) -> Element | None:
    path = f"{ds('Object')}/{xades('QualifyingProperties')}/{xades('SignedProperties')}"
    found = element.findall(path)
    if len(found) > 1:
        raise refuse("structure", what="SignedProperties")
    return found[0] if found else None


def signing_time(properties: Element) -> datetime | None:
    """SigningTime of SignedProperties; None when missing, unreadable or without a zone."""
    path = f"{xades('SignedSignatureProperties')}/{xades('SigningTime')}"
    found = properties.findall(path)
    if len(found) != 1:
        return None
    try:
        moment = datetime.fromisoformat((found[0].text or "").strip())
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
