"""Check one ds:Signature: references, value, SignedProperties, certificate binding, key, time.

The caller says what the signature is supposed to cover (`Expectation`); anything else referenced,
missing or transformed in another way is refused. That, the uniqueness of Ids and taking nodes by
their place instead of by search is what stops wrapping.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from edefter.model.finding import Severity
from edefter.xmlsig.algorithms import check_value
from edefter.xmlsig.certificate import may_sign, same_name
from edefter.xmlsig.names import (
    COUNTERSIGNED_TYPE,
    DIGESTS,
    DS11,
    OLD_DIGESTS,
    SIGNED_PROPERTIES_TYPE,
    Canonicalization,
    ds,
    xades,
)
from edefter.xmlsig.parsing import Element, canonical
from edefter.xmlsig.problem import Problem, Unreadable, Verdict
from edefter.xmlsig.read import (
    Reference,
    SignatureParts,
    compact,
    decode,
    only,
    read_signature,
    refuse,
    signing_time,
)

FUTURE_TOLERANCE = timedelta(seconds=60)
"""How far a SigningTime may be ahead of the measured time (signing.md §8: GİB's is unknown)."""

DocumentDigest = Callable[[str, Canonicalization], bytes]
"""Digest (hashlib name) of the document without the signature, canonicalised as asked."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the signature has to cover; exactly one of the two is given.

    Args:
        document: gives the digest of the whole document (an enveloped signature).
        countersigned: the ds:SignatureValue node that is countersigned.
        old_digests: SHA-1 in references and CertDigest is a remark and no error, for documents of
            others; never in the signature method.
    """

    document: DocumentDigest | None = None
    countersigned: Element | None = None
    old_digests: bool = False

    @property
    def digests(self) -> Mapping[str, str]:
        """hashlib's names of the digest methods that are taken, by URI."""
        return {**DIGESTS, **OLD_DIGESTS} if self.old_digests else DIGESTS


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """Outcome of one check.

    Args:
        parts: None when the signature could not even be read.
        certificate: the signer's.
        signing_time: as claimed by the signer.
        problems: what is wrong.
        complete: every question was asked; else a question without a problem has no answer.
    """

    parts: SignatureParts | None
    certificate: x509.Certificate | None
    signing_time: datetime | None
    problems: tuple[Problem, ...]
    complete: bool = True

    @property
    def ok(self) -> bool:
        """Whether no error was found."""
        return all(problem.severity is not Severity.ERROR for problem in self.problems)


def check_signature(
    element: Element, expected: Expectation, *, ids: Counter[str], now: datetime | None = None
) -> SignatureCheck:
    """Check a ds:Signature element in its document.

    Args:
        element: the ds:Signature, at its place (its ancestors' namespaces count).
        expected: what it has to cover.
        ids: how often each Id value occurs in the whole document.
        now: measured time, zone-aware; None = the future is not checked.

    Returns:
        Everything that was found out; never raises for what the document holds.
    """
    problems: list[Problem] = []
    parts = certificate = moment = None
    complete = False
    try:
        parts = read_signature(element)
        certificate = _signer(parts, expected)
        problems += _duplicate_ids(ids)
        problems += _references(parts, expected, ids)
        signed_info = canonical(parts.signed_info, parts.canonicalization)
        value = check_value(parts.method, certificate.public_key(), signed_info, parts.value)
        problems += [value] if value else []
        problems += _key_value(parts, certificate)
        if parts.signed_properties is not None:
            moment = signing_time(parts.signed_properties)
            problems += _binding(parts.signed_properties, certificate, expected)
        problems += _old_digests(parts)
        problems += _time(moment, certificate, now, expected)
        if not may_sign(certificate):
            problems.append(Problem(Verdict.KEY_USAGE, "xmlsig.not_signing_certificate"))
        complete = True
    except Unreadable as error:
        problems.append(error.problem)
    except ValueError as error:
        # cryptography refuses malformed extensions and keys only when they are touched.
        problems.append(
            Problem(Verdict.STRUCTURE, "xmlsig.certificate_unreadable", {"detail": str(error)})
        )
    return SignatureCheck(parts, certificate, moment, tuple(problems), complete)


def digest_bytes(method: str, data: bytes, known: Mapping[str, str] = DIGESTS) -> bytes:
    """Digest of `data` by a DigestMethod URI.

    Raises:
        Unreadable: none of the known; SHA-1 and MD5 are not known by default.
    """
    return hashlib.new(digest_name(method, known), data).digest()


def digest_name(method: str, known: Mapping[str, str] = DIGESTS) -> str:
    """hashlib's name of a DigestMethod URI.

    Raises:
        Unreadable: none of the known; SHA-1 and MD5 are not known by default.
    """
    if method not in known:
        raise refuse("digest_method", Verdict.INTEGRITY, method=method or "-")
    return known[method]


def _signer(parts: SignatureParts, expected: Expectation) -> x509.Certificate:
    """The signing certificate: the one that CertDigest names, else the first."""
    if parts.signed_properties is not None:
        for digest in parts.signed_properties.iterfind(
            f"{xades('SignedSignatureProperties')}/{xades('SigningCertificate')}"
            f"/{xades('Cert')}/{xades('CertDigest')}"
        ):
            method = only(digest, ds("DigestMethod")).get("Algorithm", "")
            wanted = decode(only(digest, ds("DigestValue")))
            for certificate in parts.certificates if method in expected.digests else ():
                if digest_bytes(method, _der(certificate), expected.digests) == wanted:
                    return certificate
    return parts.certificates[0]


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _duplicate_ids(ids: Counter[str]) -> list[Problem]:
    return [
        Problem(Verdict.STRUCTURE, "xmlsig.duplicate_id", {"id": value})
        for value, count in ids.items()
        if count > 1
    ]


def _references(parts: SignatureParts, expected: Expectation, ids: Counter[str]) -> list[Problem]:
    problems: list[Problem] = []
    main = properties = 0
    properties_uri = _properties_uri(parts)
    for reference in parts.references:
        if reference.uri == properties_uri and parts.signed_properties is not None:
            properties += 1
            problems += _properties_type(reference)
            _refuse_enveloped(reference)
            found = _node_digest(parts.signed_properties, reference, expected)
        elif expected.document is not None and reference.uri == "":
            main += 1
            if not reference.enveloped:
                raise refuse("transform", algorithm="-")
            name = digest_name(reference.digest_method, expected.digests)
            found = expected.document(name, reference.canonicalization)
        elif expected.countersigned is not None and _covers(reference, expected, ids):
            main += 1
            problems += _countersigned_type(reference)
            _refuse_enveloped(reference)
            found = _node_digest(expected.countersigned, reference, expected)
        else:
            raise refuse("unexpected_reference", uri=reference.uri or "-")
        if not hmac.compare_digest(found, reference.digest):
            problems.append(
                Problem(Verdict.INTEGRITY, "xmlsig.digest", {"uri": reference.uri or '""'})
            )
    if main != 1:
        problems.append(Problem(Verdict.INTEGRITY, "xmlsig.not_covered"))
    if properties != 1 and (expected.document is not None or parts.signed_properties is not None):
        problems.append(Problem(Verdict.PROPERTIES, "xmlsig.properties_unsigned"))
    return problems


def _covers(reference: Reference, expected: Expectation, ids: Counter[str]) -> bool:
    identifier = expected.countersigned.get("Id") if expected.countersigned is not None else None
    return bool(identifier) and reference.uri == f"#{identifier}" and ids[identifier or ""] == 1


def _properties_uri(parts: SignatureParts) -> str:
    """Reference URI of this signature's own SignedProperties, checked for its place."""
    properties = parts.signed_properties
    if properties is None or not properties.get("Id"):
        return "#"
    holder = properties.getparent()
    if holder is None or holder.get("Target") != f"#{parts.signature_id}":
        raise refuse("properties_target", Verdict.PROPERTIES)
    return f"#{properties.get('Id')}"


def _refuse_enveloped(reference: Reference) -> None:
    if reference.enveloped:
        raise refuse("unexpected_reference", uri=reference.uri or "-")


def _node_digest(node: Element, reference: Reference, expected: Expectation) -> bytes:
    # A reference by bare Id selects nodes without comments, whatever the transform says.
    method = reference.canonicalization
    plain = Canonicalization(method.exclusive, False, method.prefixes)
    return digest_bytes(reference.digest_method, canonical(node, plain), expected.digests)


def _old_digests(parts: SignatureParts) -> list[Problem]:
    """A remark on SHA-1, which nobody would have got past if it were not tolerated here."""
    methods = [reference.digest_method for reference in parts.references]
    if parts.signed_properties is not None:
        path = f".//{xades('CertDigest')}/{ds('DigestMethod')}"
        methods += [node.get("Algorithm", "") for node in parts.signed_properties.iterfind(path)]
    if not any(method in OLD_DIGESTS for method in methods):
        return []
    return [Problem(Verdict.INTEGRITY, "xmlsig.old_digest", severity=Severity.WARNING)]


def _properties_type(reference: Reference) -> list[Problem]:
    if reference.type == SIGNED_PROPERTIES_TYPE:
        return []
    tolerated = reference.type.endswith("#SignedProperties")
    severity = Severity.WARNING if tolerated else Severity.ERROR
    facts = {"type": reference.type or "-"}
    return [Problem(Verdict.PROPERTIES, "xmlsig.properties_type", facts, severity)]


def _countersigned_type(reference: Reference) -> list[Problem]:
    if reference.type == COUNTERSIGNED_TYPE:
        return []
    return [
        Problem(Verdict.STRUCTURE, "xmlsig.countersigned_type", {"type": reference.type or "-"})
    ]


def _binding(
    properties: Element, certificate: x509.Certificate, expected: Expectation
) -> list[Problem]:
    """SigningCertificate (version 1) names the certificate by digest and by issuer and serial."""
    path = f"{xades('SignedSignatureProperties')}/{xades('SigningCertificate')}/{xades('Cert')}"
    certs = properties.findall(path)
    if not certs:
        return [Problem(Verdict.BINDING, "xmlsig.signing_certificate_missing")]
    problems: list[Problem] = []
    for cert in certs:
        digest = only(cert, xades("CertDigest"))
        method = only(digest, ds("DigestMethod")).get("Algorithm", "")
        found = digest_bytes(method, _der(certificate), expected.digests)
        if decode(only(digest, ds("DigestValue"))) == found:
            return _issuer_serial(only(cert, xades("IssuerSerial")), certificate)
        problems = [Problem(Verdict.BINDING, "xmlsig.certificate_digest")]
    return problems


def _issuer_serial(node: Element, certificate: x509.Certificate) -> list[Problem]:
    serial = compact(only(node, ds("X509SerialNumber")).text)
    if serial != str(certificate.serial_number):
        return [Problem(Verdict.BINDING, "xmlsig.certificate_serial", {"serial": serial})]
    name = only(node, ds("X509IssuerName")).text or ""
    same = same_name(name, certificate.issuer)
    if same:
        return []
    # The digest has bound the certificate already; spelling that we cannot read is a remark.
    severity = Severity.WARNING if same is None else Severity.ERROR
    return [Problem(Verdict.BINDING, "xmlsig.certificate_issuer", {"name": name}, severity)]


def _key_value(parts: SignatureParts, certificate: x509.Certificate) -> list[Problem]:
    problem = [Problem(Verdict.BINDING, "xmlsig.key_value")]
    for node in parts.element.iterfind(f"{ds('KeyInfo')}/{ds('KeyValue')}"):
        if len(node) != 1 or not _same_key(node[0], certificate.public_key()):
            return problem
    return []


def _same_key(node: Element, key: object) -> bool:
    if node.tag == ds("RSAKeyValue") and isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return (
            int.from_bytes(decode(only(node, ds("Modulus")))) == numbers.n
            and int.from_bytes(decode(only(node, ds("Exponent")))) == numbers.e
        )
    if node.tag == f"{{{DS11}}}ECKeyValue" and isinstance(key, ec.EllipticCurvePublicKey):
        point = key.public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return decode(only(node, f"{{{DS11}}}PublicKey")) == point
    return False


def _time(
    moment: datetime | None,
    certificate: x509.Certificate,
    now: datetime | None,
    expected: Expectation,
) -> list[Problem]:
    if moment is None:
        # The profile asks it of the taxpayer; what GİB's counter-signature holds is not published.
        severity = Severity.ERROR if expected.document is not None else Severity.WARNING
        return [Problem(Verdict.TIME, "xmlsig.time_missing", severity=severity)]
    facts = {"time": moment.isoformat()}
    problems = []
    if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        problems.append(Problem(Verdict.TIME, "xmlsig.time_outside_certificate", facts))
    if now is not None and moment > now + FUTURE_TOLERANCE:
        problems.append(Problem(Verdict.TIME, "xmlsig.time_future", facts))
    return problems


def chain_moment(moment: datetime | None, now: datetime) -> datetime:
    """When the certificates had to be valid: at signing, if that is known and not ahead of us."""
    return moment if moment is not None and moment <= now else now


def encode(data: bytes) -> str:
    """Base64 in one line."""
    return base64.b64encode(data).decode("ascii")


def untrusted_certificates(parts: SignatureParts | None) -> Sequence[x509.Certificate]:
    """Certificates that the document itself offers for the path."""
    return parts.certificates if parts is not None else ()
