"""Names as text, and paths from a certificate to an anchor."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from edefter.sandbox.pki import SandboxPki, usage
from edefter.trust.path import certificate_chain_problem
from edefter.xmlsig.certificate import rfc2253, same_name, tax_number
from tests.support.hangs import ends
from tests.support.signed_documents import NOW, VKN, seal_of

C, ORG, CN = NameOID.COUNTRY_NAME, NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME
SERIAL = NameOID.SERIAL_NUMBER


def name(*parts: tuple[ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (name((C, "TR"), (ORG, "TÜBİTAK"), (CN, "Mali Mühür")), "CN=Mali Mühür,O=TÜBİTAK,C=TR"),
        # 0x13 = PrintableString, as Java writes unknown types
        (name((SERIAL, VKN)), "2.5.4.5=#130a31323334353637383038"),
        (name((CN, 'a,b+c"d\\e<f>g;h')), 'CN=a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h'),
        (name((CN, "#x")), "CN=\\#x"),
        (name((CN, " x ")), "CN=\\ x\\ "),
        (
            x509.Name([x509.RelativeDistinguishedName(list(name((CN, "a"), (ORG, "b"))))]),
            "CN=a+O=b",
        ),
    ],
)
def test_rfc2253(value: x509.Name, text: str) -> None:
    assert rfc2253(value) == text
    assert same_name(text, value)


@pytest.mark.parametrize(
    "text",
    [
        f"CN=Öz\\, Şen, SERIALNUMBER={VKN}, C=TR",  # .NET, OpenSSL
        f"C=TR, SERIALNUMBER={VKN}, CN=Öz\\, Şen",  # forward order
        f'CN="Öz, Şen",OID.2.5.4.5={VKN},C=tr',
        "CN=\\C3\\96z\\2C  \\C5\\9Een,2.5.4.5=#130a31323334353637383038,C=TR",
    ],
)
def test_names_of_other_tools_mean_the_same(text: str) -> None:
    assert same_name(text, name((C, "TR"), (SERIAL, VKN), (CN, "Öz, Şen"))) is True


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("CN=Öz,C=TR", False),
        ("CN=Az,2.5.4.5=1,C=TR", False),
        ("CN=Öz,2.5.4.5=1,C=TR,O=x", False),
        ("GARİP=Öz", None),
        ("", None),
        ("CN=Öz\\", None),
        ("2.5.4.5=#zz", None),
        ("2.5.4.5=#13", None),
    ],
)
def test_other_and_unreadable_names(text: str, verdict: bool | None) -> None:
    assert same_name(text, name((C, "TR"), (SERIAL, "1"), (CN, "Öz"))) is verdict


def test_tax_number(pki: SandboxPki) -> None:
    assert tax_number(seal_of(pki).certificate) == VKN
    assert tax_number(pki.root) == ""


def problem(
    leaf: x509.Certificate, anchors: list[x509.Certificate], moment: datetime = NOW,
    untrusted: list[x509.Certificate] | None = None,
) -> str:  # fmt: skip
    found = certificate_chain_problem(leaf, anchors, moment=moment, untrusted=untrusted or ())
    return found.key.partition(".")[2] if found else ""


def test_paths(pki: SandboxPki) -> None:
    leaf = seal_of(pki).certificate
    assert problem(leaf, [pki.root, pki.seal_ca]) == ""
    assert problem(leaf, [pki.root], untrusted=[pki.seal_ca]) == ""
    assert problem(leaf, [pki.seal_ca]) == "", "a pinned sub-CA is an anchor"
    assert problem(leaf, [pki.root]) == "chain_untrusted"
    assert problem(leaf, [pki.tls_root], untrusted=[pki.seal_ca, pki.root]) == "chain_untrusted"
    assert problem(leaf, []) == "no_anchors"
    assert problem(leaf, [leaf]) == "chain_untrusted", "a signer's certificate is no anchor"


def test_validity_of_the_whole_path(pki: SandboxPki) -> None:
    leaf, anchors = seal_of(pki).certificate, [pki.root, pki.seal_ca]
    assert problem(leaf, anchors, NOW - timedelta(days=3)) == "chain_not_yet_valid"
    assert problem(leaf, anchors, NOW + timedelta(days=4 * 365)) == "chain_expired"


def certificate(
    subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey,
    *, ca: bool = True, path_length: int | None = None, key_usage: x509.KeyUsage | None = None,
    critical: bool = False, days: int = 100,
) -> x509.Certificate:  # fmt: skip
    builder = (
        x509.CertificateBuilder().subject_name(name((CN, subject)))
        .issuer_name(name((CN, issuer))).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length if ca else None), True)
        .add_extension(key_usage or usage(ca=ca), True)
    )  # fmt: skip
    if critical:
        unknown = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
        builder = builder.add_extension(unknown, critical=True)
    return builder.sign(signer, hashes.SHA256())


KEY, OTHER = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP384R1())
ROOT = certificate("kök", "kök", KEY, KEY)


def test_issuers_that_may_not_issue() -> None:
    leaf = certificate("mühür", "ara", OTHER, KEY, ca=False)
    for ara, expected in (
        (certificate("ara", "kök", KEY, KEY), ""),
        (certificate("ara", "kök", KEY, KEY, ca=False), "chain_broken"),
        (certificate("ara", "kök", KEY, KEY, key_usage=usage()), "chain_broken"),
        (certificate("ara", "kök", OTHER, KEY), "chain_broken"),  # did not sign the leaf
        (certificate("ara", "kök", KEY, OTHER), "chain_broken"),  # not signed by the root
        (certificate("ara", "kök", KEY, KEY, critical=True), "chain_broken"),
        (certificate("ara", "kök", KEY, KEY, days=0), "chain_expired"),
    ):
        moment = NOW + timedelta(hours=1)
        assert problem(leaf, [ROOT], moment, [ara]) == expected


def test_path_length() -> None:
    short = certificate("kök", "kök", KEY, KEY, path_length=0)
    ara = certificate("ara", "kök", KEY, KEY)
    assert problem(certificate("mühür", "kök", OTHER, KEY, ca=False), [short]) == ""
    leaf = certificate("mühür", "ara", OTHER, KEY, ca=False)
    assert problem(leaf, [short], untrusted=[ara]) == "chain_broken"


def test_a_maze_of_certificates_ends_quickly() -> None:
    maze = [certificate("ara", "ara2", KEY, KEY) for _ in range(20)]
    maze += [certificate("ara2", "ara", KEY, KEY) for _ in range(20)]
    leaf = certificate("mühür", "ara", OTHER, KEY, ca=False)
    with ends():
        assert problem(leaf, [ROOT], untrusted=maze[18:22]) == "chain_untrusted"
        assert problem(leaf, [ROOT], untrusted=maze) == "chain_untrusted"
