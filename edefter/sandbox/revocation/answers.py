"""OCSP answers and CRLs of the test CA, right or wrong as the knobs say.

Built with asn1crypto, because the usual builders put the computer's time into an answer and refuse
to make wrong ones.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import algos, core, crl, ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from edefter.sandbox.pki import PrivateKey, SandboxPki
from edefter.sandbox.pki.register import revocations

LIFE = timedelta(hours=1)
_REASONS = {
    "unspecified": "unspecified",
    "keyCompromise": "key_compromise",
    "cACompromise": "ca_compromise",
    "affiliationChanged": "affiliation_changed",
    "superseded": "superseded",
    "cessationOfOperation": "cessation_of_operation",
    "certificateHold": "certificate_hold",
}
ISSUERS = ("seal-ca", "root")


def ocsp_answer(pki: SandboxPki, question: bytes, moment: datetime, knobs: dict[str, Any]) -> bytes:
    """The answer to one OCSP request.

    Args:
        pki: whose certificates are asked about.
        question: DER of the request.
        moment: the responder's time.
        knobs: see `edefter.sandbox.revocation.__main__`.
    """
    if knobs.get("ocsp_status"):
        return bytes(ocsp.OCSPResponse({"response_status": knobs["ocsp_status"]}).dump())
    try:
        request = ocsp.OCSPRequest.load(question, strict=True)
        wanted = [item["req_cert"] for item in request["tbs_request"]["request_list"]]
        nonce = request.nonce_value
    except (ValueError, TypeError):
        return bytes(ocsp.OCSPResponse({"response_status": "malformed_request"}).dump())
    name, issuer = next(
        ((name, pki.certificate(name)) for name in ISSUERS if _is_of(wanted[0], pki, name)),
        ("", None),
    )
    if issuer is None:
        return bytes(ocsp.OCSPResponse({"response_status": "unauthorized"}).dump())
    signer, key, certs = _responder(pki, name, moment, knobs)
    made = moment + timedelta(seconds=float(knobs.get("this_update_s", 0.0)))
    data = ocsp.ResponseData(
        {
            "responder_id": ocsp.ResponderId({"by_key": hashlib.sha1(_key_bits(signer)).digest()}),  # noqa: S324
            "produced_at": made,
            "responses": [_single(pki, item, made, knobs) for item in wanted],
            "response_extensions": _nonce(nonce, knobs),
        }
    )
    return _signed_response(data, key, certs, knobs)


def certificate_list(
    pki: SandboxPki, issuer: str, moment: datetime, knobs: dict[str, Any]
) -> bytes:
    """The CRL of one CA, DER.

    Args:
        pki: whose.
        issuer: file stem of the CA.
        moment: the CA's time.
        knobs: see `edefter.sandbox.revocation.__main__`.
    """
    authority = pki.certificate(issuer)
    made = moment + timedelta(seconds=float(knobs.get("this_update_s", 0.0)))
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.subject)
        .last_update(made)
        .next_update(made + _life(knobs))
        .add_extension(x509.CRLNumber(int(made.timestamp())), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()),  # type: ignore[arg-type]
            critical=False,
        )
    )
    for serial, revoked in revocations(pki.folder).items():
        entry = (
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(revoked.at)
            .add_extension(x509.CRLReason(x509.ReasonFlags(revoked.reason)), critical=False)
        )  # fmt: skip
        builder = builder.add_revoked_certificate(entry.build())
    signer = "tls-root" if knobs.get("crl_signer") == "stranger" else issuer
    made_list = builder.sign(pki.key(signer), hashes.SHA384()).public_bytes(Encoding.DER)
    if not knobs.get("bad_signature"):
        return made_list
    spoiled = crl.CertificateList.load(made_list)
    return bytes(crl.CertificateList({**_parts(spoiled), "signature": b"\x30\x00"}).dump())


def _parts(signed: crl.CertificateList) -> dict[str, Any]:
    return {name: signed[name] for name in ("tbs_cert_list", "signature_algorithm")}


def _is_of(wanted: ocsp.CertId, pki: SandboxPki, name: str) -> bool:
    digest = wanted["hash_algorithm"]["algorithm"].native
    key_hash = hashlib.new(digest, _key_bits(pki.certificate(name))).digest()
    return bool(wanted["issuer_key_hash"].native == key_hash)


def _key_bits(certificate: x509.Certificate) -> bytes:
    plain = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    return bytes(plain.public_key["public_key"])


def _responder(
    pki: SandboxPki, issuer: str, moment: datetime, knobs: dict[str, Any]
) -> tuple[x509.Certificate, PrivateKey, list[x509.Certificate]]:
    """Who signs, and which certificates go along: by default a delegated responder."""
    kind = str(knobs.get("responder", "delegated"))
    if kind == "issuer":
        return pki.certificate(issuer), pki.key(issuer), []
    if kind == "stranger":  # a responder, but of another CA
        name, by, eku = f"ocsp-stranger-{issuer}", "client-ca", True
    elif kind == "no-eku":
        name, by, eku = f"ocsp-no-eku-{issuer}", issuer, False
    else:
        name, by, eku = f"ocsp-{issuer}", issuer, True
    path = pki.folder / f"{name}.pem"
    valid = path.exists() and (
        pki.certificate(name).not_valid_before_utc
        <= moment
        <= pki.certificate(name).not_valid_after_utc
    )
    if not valid:
        pki.issue_ocsp_responder(
            by,
            eku=eku,
            name=name,
            not_before=moment - timedelta(days=1),
            not_after=moment + timedelta(days=30),
        )
    certificate = pki.certificate(name)
    return certificate, pki.key(name), [certificate]


def _single(
    pki: SandboxPki, wanted: ocsp.CertId, made: datetime, knobs: dict[str, Any]
) -> dict[str, Any]:
    serial = int(wanted["serial_number"].native)
    revoked = revocations(pki.folder).get(serial)
    status: Any
    if knobs.get("answer") == "unknown":
        status = ocsp.CertStatus({"unknown": core.Null()})
    elif revoked is not None:
        status = ocsp.CertStatus(
            {"revoked": {
                "revocation_time": revoked.at.astimezone(UTC).replace(microsecond=0),
                "revocation_reason": _REASONS[revoked.reason],
            }}
        )  # fmt: skip
    else:
        status = ocsp.CertStatus({"good": core.Null()})
    if knobs.get("answer") == "other-certificate":
        wanted = wanted.copy()
        wanted["serial_number"] = serial + 1
    single = {"cert_id": wanted, "cert_status": status, "this_update": made}
    if not knobs.get("no_next_update"):
        single["next_update"] = made + _life(knobs)
    return single


def _life(knobs: dict[str, Any]) -> timedelta:
    return timedelta(seconds=float(knobs.get("life_s", LIFE.total_seconds())))


def _nonce(asked: Any, knobs: dict[str, Any]) -> list[dict[str, Any]] | None:
    mode = knobs.get("nonce", "echo")
    if mode == "none" or asked is None:
        return None
    value = secrets.token_bytes(16) if mode == "wrong" else asked.native
    return [{"extn_id": "nonce", "critical": False, "extn_value": core.OctetString(value)}]


def _signed_response(
    data: ocsp.ResponseData,
    key: PrivateKey,
    certs: list[x509.Certificate],
    knobs: dict[str, Any],
) -> bytes:
    sha1 = bool(knobs.get("sha1"))
    digest: hashes.HashAlgorithm = hashes.SHA1() if sha1 else hashes.SHA384()  # noqa: S303
    if isinstance(key, rsa.RSAPrivateKey):
        value = key.sign(data.dump(), padding.PKCS1v15(), digest)
        name = "sha1_rsa" if sha1 else "sha384_rsa"
    else:
        value = key.sign(data.dump(), ec.ECDSA(digest))
        name = "sha1_ecdsa" if sha1 else "sha384_ecdsa"
    if knobs.get("bad_signature"):
        value = bytes([*value[:-1], value[-1] ^ 1])
    basic = ocsp.BasicOCSPResponse(
        {
            "tbs_response_data": data,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": name}),
            "signature": value,
            "certs": [
                asn1_x509.Certificate.load(item.public_bytes(Encoding.DER)) for item in certs
            ],
        }
    )
    whole = ocsp.OCSPResponse(
        {
            "response_status": "successful",
            "response_bytes": {"response_type": "basic_ocsp_response", "response": basic},
        }
    )
    return bytes(whole.dump())
