"""What RFC 5280 asks of a path beyond names and signatures, and which certificate is an anchor."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from edefter.model.environment import Environment
from edefter.sandbox.pki import VARIANTS, SandboxPki, issue_variant, usage
from edefter.sandbox.pki.certificates import PrivateKey, signed_with_sha1
from edefter.trust.evidence import Evidence
from edefter.trust.judgement import Outcome, SigningMoment
from edefter.trust.offline import validate_with_evidence
from edefter.trust.path import certificate_chain_problem, find_chain
from edefter.xmlsig.certificate import fits_environment, may_sign
from tests.support.signed_documents import NOW, VKN, seal_of

KEYS: list[PrivateKey] = [ec.generate_private_key(ec.SECP384R1()) for _ in range(3)]
DAY = timedelta(days=1)


def name(text: str, country: str = "TR") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.COMMON_NAME, text),
        ]
    )


def made(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, signer: PrivateKey,
    *extensions: x509.ExtensionType, ca: bool = True, days: float = 100,
) -> x509.Certificate:  # fmt: skip
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(NOW - DAY).not_valid_after(NOW + days * DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), True)
        .add_extension(usage(ca=ca), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )  # fmt: skip
    if subject != issuer:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        builder = builder.add_extension(identifier, False)
    for extension in extensions:
        builder = builder.add_extension(extension, True)
    return builder.sign(signer, hashes.SHA384())


ROOT = made(name("kök"), name("kök"), KEYS[0], KEYS[0])
LEAF = made(name("mühür"), name("ara"), KEYS[2], KEYS[1], ca=False)


def judged(middle: x509.Certificate, leaf: x509.Certificate = LEAF) -> str:
    problem = certificate_chain_problem(leaf, [ROOT], moment=NOW, untrusted=[middle])
    return problem.key.partition(".")[2] if problem else ""


def test_name_constraints_bind() -> None:
    inside = x509.NameConstraints([x509.DirectoryName(x509.Name([*name("x")][:1]))], None)
    abroad = x509.NameConstraints([x509.DirectoryName(x509.Name([*name("x", "DE")][:1]))], None)
    assert judged(made(name("ara"), name("kök"), KEYS[1], KEYS[0], inside)) == ""
    assert judged(made(name("ara"), name("kök"), KEYS[1], KEYS[0], abroad)) == "chain_broken"


def test_required_policies_bind() -> None:
    asks = x509.PolicyConstraints(require_explicit_policy=0, inhibit_policy_mapping=None)
    assert judged(made(name("ara"), name("kök"), KEYS[1], KEYS[0], asks)) == "chain_broken"


def test_weak_issuers() -> None:
    signer = KEYS[0]
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    good = made(name("ara"), name("kök"), KEYS[1], signer)
    assert judged(good) == ""
    assert judged(signed_with_sha1(good, signer)) == "chain_broken"
    small = rsa.generate_private_key(65537, 1024)
    middle = made(name("ara"), name("kök"), small, signer)
    leaf = made(name("mühür"), name("ara"), KEYS[2], small, ca=False)
    assert judged(middle, leaf) == "chain_broken", "a CA with RSA-1024"


def test_an_issuer_of_another_kind_of_key_is_refused_and_not_a_crash() -> None:
    twin = made(name("ara"), name("kök"), rsa.generate_private_key(65537, 2048), KEYS[0])
    assert judged(twin) == "chain_broken"


def test_a_sub_ca_is_an_anchor_only_while_its_issuer_is_not_there() -> None:
    middle = made(name("ara"), name("kök"), KEYS[1], KEYS[0])
    assert find_chain(LEAF, [middle], moment=NOW).certificates == (LEAF, middle)
    whole = find_chain(LEAF, [ROOT, middle], moment=NOW)
    assert whole.problem is None
    assert whole.certificates == (LEAF, middle, ROOT)
    # The new root of the same name did not issue the sub-CA: key identifiers tell them apart.
    renewed = made(name("kök"), name("kök"), KEYS[2], KEYS[2])
    assert find_chain(LEAF, [renewed, middle], moment=NOW).problem is None
    other = made(name("ara"), name("kök"), KEYS[1], KEYS[2])  # says root, root did not sign
    problem = find_chain(LEAF, [ROOT, other, renewed], moment=NOW + 2 * DAY).problem
    assert problem is None, "it is from the renewed root"


def test_an_expired_anchor_is_no_anchor_then_but_was_one_before() -> None:
    root = made(name("kök"), name("kök"), KEYS[0], KEYS[0], days=10)
    leaf = made(name("mühür"), name("kök"), KEYS[2], KEYS[0], ca=False)
    assert certificate_chain_problem(leaf, [root], moment=NOW) is None
    late = certificate_chain_problem(leaf, [root], moment=NOW + 11 * DAY)
    assert late is not None
    assert late.key == "xmlsig.chain_expired"
    assert late.facts["subject"] == "kök"


def test_what_lies_in_the_folder_but_is_no_ca_issues_nothing() -> None:
    no_ca = made(name("ara"), name("dış"), KEYS[1], KEYS[0], ca=False)
    problem = certificate_chain_problem(LEAF, [no_ca], moment=NOW)
    assert problem is not None
    assert problem.key == "xmlsig.chain_broken"


def test_works_inside_a_running_event_loop(pki: SandboxPki) -> None:
    async def inside() -> object:
        return certificate_chain_problem(
            seal_of(pki).certificate, [pki.root, pki.seal_ca], moment=NOW
        )

    assert asyncio.run(inside()) is None


def test_every_variant_that_a_path_can_tell(pki: SandboxPki, tmp_path: Path) -> None:
    told = {}
    for variant in VARIANTS:
        seal = issue_variant(pki, variant, VKN, "Şişe", key="ec", now=NOW).certificate
        problem = certificate_chain_problem(seal, [pki.root, pki.seal_ca], moment=NOW)
        told[variant] = problem.key.partition(".")[2] if problem else ""
    assert told == {
        "expired": "chain_expired",
        "not-yet-valid": "chain_not_yet_valid",
        "sha1": "chain_broken",
        "unknown-root": "chain_broken",
        # Others ask for these: revocation, the owner's number, key usage, key length.
        "revoked": "", "wrong-vkn": "", "encryption": "", "rsa-1024": "",
    }  # fmt: skip


def doubled(certificate: x509.Certificate, signer: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """The same certificate with its basic constraints twice, rightly signed."""
    plain = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    part = plain["tbs_certificate"].copy()
    part["extensions"] = [*part["extensions"], part["extensions"][0]]
    value = signer.sign(part.dump(force=True), ec.ECDSA(hashes.SHA384()))
    whole = asn1_x509.Certificate(
        {
            "tbs_certificate": part,
            "signature_algorithm": plain["signature_algorithm"],
            "signature_value": value,
        }
    )
    return x509.load_der_x509_certificate(whole.dump(force=True))


def test_an_extension_that_stands_twice_is_refused_and_not_a_crash() -> None:
    """Readers differ in which of the two they take."""
    good = made(name("ara"), name("kök"), KEYS[1], KEYS[0])
    signer, middle_key = KEYS[0], KEYS[1]
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    assert isinstance(middle_key, ec.EllipticCurvePrivateKey)
    assert judged(doubled(good, signer)) == "chain_broken"
    leaf = doubled(LEAF, middle_key)
    assert judged(good, leaf) == "chain_broken"
    known = Evidence(certificates=(doubled(good, signer), leaf))
    judgement = validate_with_evidence(leaf, known, [ROOT], SigningMoment(NOW))
    assert judgement.outcome is Outcome.UNTRUSTED
    assert not may_sign(leaf)
    assert not any(fits_environment(leaf, environment) for environment in Environment)
