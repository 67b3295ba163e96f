"""The judges: xmlsec1, the JDK, signxml and OpenSSL. None shares a line of code with ours.

They skip the test (or fail it in CI) when the program is missing.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from lxml import etree
from signxml import SignatureConfiguration
from signxml.xades import XAdESVerifier

from tests.conftest import absent

_JAVA_FILE = Path(__file__).resolve().parent.parent / "interop" / "VerifyXml.java"
_DS = "http://www.w3.org/2000/09/xmldsig#"
_XADES = "http://uri.etsi.org/01903/v1.3.2#"
_TIMEOUT_S = 120


def _require(program: str, package: str) -> str:
    path = shutil.which(program)
    if path is None:
        absent(f"system program {program} (Debian package {package})")
    assert path is not None
    return path


def xmlsec1_verify(
    paths: Sequence[Path], root_pem: Path, untrusted: Sequence[Path] | None = None
) -> dict[Path, bool]:
    """Verify each file's signature, references and certificate path with xmlsec1.

    Args:
        paths: signed documents.
        root_pem: the trusted root.
        untrusted: sub-CAs; None = `seal-ca.pem` beside the root, as the sandbox PKI keeps it.
    """
    program = _require("xmlsec1", "xmlsec1")
    between = [root_pem.with_name("seal-ca.pem")] if untrusted is None else list(untrusted)
    command = [
        program, "--verify", "--enabled-key-data", "x509",
        "--enabled-reference-uris", "empty,same-doc",
        "--id-attr:Id", f"{_XADES}:SignedProperties",
        "--trusted-pem", str(root_pem),
    ]  # fmt: skip
    for path in between:
        command += ["--untrusted-pem", str(path)]
    return {
        path: subprocess.run(
            [*command, str(path)], capture_output=True, timeout=_TIMEOUT_S, check=False
        ).returncode
        == 0
        for path in paths
    }


def jdk_verify(paths: Sequence[Path]) -> dict[Path, bool]:
    """Verify each file's signature and references with the JDK's XML-DSig, in one JVM."""
    _require("javac", "openjdk-17-jdk-headless")
    answer = subprocess.run(
        [_require("java", "openjdk-17-jdk-headless"), str(_JAVA_FILE), *map(str, paths)],
        capture_output=True, text=True, timeout=_TIMEOUT_S, check=True,
    )  # fmt: skip
    verdicts = dict(line.split("\t", 1) for line in answer.stdout.splitlines() if "\t" in line)
    return {path: verdicts[str(path)] == "valid" for path in paths}


def xmlsec1_counter_verify(path: Path, root_pem: Path) -> bool:
    """Verify the counter-signature of an approved berat, with its path, by xmlsec1."""
    command = [
        _require("xmlsec1", "xmlsec1"), "--verify", "--enabled-key-data", "x509",
        "--enabled-reference-uris", "empty,same-doc",
        "--id-attr:Id", f"{_XADES}:SignedProperties", "--id-attr:Id", f"{_DS}:SignatureValue",
        "--node-xpath", "//*[local-name()='CounterSignature']/*[local-name()='Signature']",
        "--trusted-pem", str(root_pem),
        "--untrusted-pem", str(root_pem.with_name("seal-ca.pem")), str(path),
    ]  # fmt: skip
    answer = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False)
    return answer.returncode == 0


def signxml_answer(path: Path) -> str:
    """What signxml's XAdES verifier says, with the certificate that the file brings; "" = valid.

    Signature and references, CertDigest; no path. It is told to expect our two references.
    """
    try:
        tree = etree.parse(str(path))
        certificate = _certificate(tree)
        XAdESVerifier().verify(
            path.read_bytes(), x509_cert=certificate,
            expect_config=SignatureConfiguration(require_x509=True, expect_references=2),
        )  # fmt: skip
    except Exception as error:  # whatever it raises is its answer
        return f"{type(error).__name__}: {error}"
    return ""


def openssl_verify(path: Path, root_pem: Path, crl: bytes) -> bool:
    """Judge the signer's certificate (path, revocation) and the time stamps with OpenSSL.

    Level 2 asks for 112 bits of security: no RSA below 2048 bits, no SHA-1 in the path.

    Args:
        path: signed document.
        root_pem: the trusted root; `seal-ca.pem` lies beside it.
        crl: of the seals' CA, DER.
    """
    try:
        tree = etree.parse(str(path))
        certificate = _certificate(tree)
    except (etree.XMLSyntaxError, ValueError):
        return True  # no certificate: nothing that OpenSSL could see
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "crl.pem").write_bytes(
            x509.load_der_x509_crl(crl).public_bytes(serialization.Encoding.PEM)
        )
        (folder / "own.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        good = _openssl(
            "verify", "-auth_level", "2", "-CAfile", str(root_pem),
            "-untrusted", str(root_pem.with_name("seal-ca.pem")),
            "-crl_check", "-CRLfile", str(folder / "crl.pem"), str(folder / "own.pem"),
        )  # fmt: skip
        for stamp in tree.iterfind(".//{*}EncapsulatedTimeStamp"):
            (folder / "token.der").write_bytes(base64.b64decode(stamp.text or ""))
            value = tree.find(f"{{{_DS}}}Signature/{{{_DS}}}SignatureValue")
            (folder / "value").write_bytes(etree.tostring(value, method="c14n"))
            good &= _openssl(
                "ts", "-verify", "-data", str(folder / "value"), "-token_in",
                "-in", str(folder / "token.der"), "-CAfile", str(root_pem),
            )  # fmt: skip
    return good


def _openssl(*arguments: str) -> bool:
    command = [_require("openssl", "openssl"), *arguments]
    answer = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False)
    return answer.returncode == 0


def _certificate(tree: etree._ElementTree) -> x509.Certificate:
    """The certificate in the document's own signature.

    Raises:
        ValueError: there is none, or it cannot be read.
    """
    place = f"{{{_DS}}}Signature/{{{_DS}}}KeyInfo/{{{_DS}}}X509Data/{{{_DS}}}X509Certificate"
    text = tree.getroot().findtext(place)
    return x509.load_der_x509_certificate(base64.b64decode(text or ""))
