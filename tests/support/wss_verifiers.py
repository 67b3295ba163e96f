"""Judges of WS-Security messages that share nothing with our client.

python-xmlsec, Apache WSS4J 1.6, and the check of the sandbox's GİB.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from edefter.sandbox.gib import dsig
from edefter.sandbox.gib.soap import Fault
from edefter.sandbox.gib.trust import Trust
from edefter.sandbox.gib.wss import Policy, check_message
from edefter.sandbox.pki import SandboxPki
from tests.conftest import absent

SOAP = "http://www.w3.org/2003/05/soap-envelope"
DS = "http://www.w3.org/2000/09/xmldsig#"
_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_OASIS}wssecurity-secext-1.0.xsd"
WSU = f"{_OASIS}wssecurity-utility-1.0.xsd"

_JAVA_FILE = Path(__file__).resolve().parent.parent / "interop" / "VerifyWss.java"
_JARS = [
    Path("/usr/share/java") / name
    for name in ("wss4j.jar", "xmlsec.jar", "commons-logging.jar", "slf4j-api.jar")
]
_TIMEOUT_S = 120


def wss4j_verify(paths: Sequence[Path], trusted: Sequence[Path]) -> dict[Path, str]:
    """Verdict of Apache WSS4J for each file: `valid …` or `invalid …` with its reason.

    Args:
        paths: SOAP messages.
        trusted: PEM files of root and sub-CA.
    """
    if shutil.which("java") is None or not all(jar.exists() for jar in _JARS):
        absent("Apache WSS4J (Debian packages libwss4j-java and default-jdk-headless)")
    answer = subprocess.run(
        ["java", "-cp", ":".join(map(str, _JARS)), str(_JAVA_FILE),
         ",".join(map(str, trusted)), *map(str, paths)],
        capture_output=True, text=True, timeout=_TIMEOUT_S, check=True,
    )  # fmt: skip
    verdicts = dict(line.split("\t", 1) for line in answer.stdout.splitlines() if "\t" in line)
    return {path: verdicts[str(path)] for path in paths}


def xmlsec_verify(path: Path) -> str:
    """Verdict of libxmlsec for a file: `valid` or `invalid …` with the reason.

    It checks value and digests. Which parts must be signed, and where the token's certificate is,
    is WS-Security and not XML-DSig; that part is written here, not taken from our client.
    """
    message = etree.parse(str(path)).getroot()
    try:
        security = message.find(f"{{{SOAP}}}Header/{{{WSSE}}}Security")
        body = message.find(f"{{{SOAP}}}Body")
        timestamp = security.find(f"{{{WSU}}}Timestamp")
        signature = security.find(f"{{{DS}}}Signature")
        references = signature.findall(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
        wanted = {f"#{part.get(f'{{{WSU}}}Id')}" for part in (body, timestamp)}
        if sorted(reference.get("URI") for reference in references) != sorted(wanted):
            return "invalid: other parts are signed"
        for uri in wanted:
            if len(message.xpath("//*[@*[local-name()='Id']=$id]", id=uri[1:])) != 1:
                return "invalid: an Id stands twice"
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(
            _certificate(security, signature).public_bytes(Encoding.PEM),
            xmlsec.constants.KeyDataFormatCertPem,
        )
        for part in (body, timestamp):
            context.register_id(part, "Id", WSU)
        context.verify(signature)
    except (xmlsec.Error, AttributeError, ValueError) as error:
        return f"invalid: {error}"
    return "valid"


def sandbox_verify(message: bytes, pki: SandboxPki, now: datetime | None = None) -> str:
    """Verdict of the sandbox's GİB, which shares no code with the client.

    Args:
        message: SOAP message.
        pki: whose seals it trusts.
        now: its time; None = now.
    """
    try:
        check_message(dsig.parse(message), Trust(pki.folder), now or datetime.now(UTC), Policy())
    except Fault as error:
        return f"invalid: {error}"
    return "valid"


def _certificate(security: etree._Element, signature: etree._Element) -> x509.Certificate:
    """The end entity of the token that the signature points at."""
    pointer = signature.find(
        f"{{{DS}}}KeyInfo/{{{WSSE}}}SecurityTokenReference/{{{WSSE}}}Reference"
    )
    (token,) = [
        node
        for node in security.findall(f"{{{WSSE}}}BinarySecurityToken")
        if f"#{node.get(f'{{{WSU}}}Id')}" == pointer.get("URI")
    ]
    value = base64.b64decode(token.text)
    if not token.get("ValueType").endswith("#X509PKIPathv1"):
        return x509.load_der_x509_certificate(value)
    return _path(value)[-1]


def _path(value: bytes) -> list[x509.Certificate]:
    """The certificates of a PKIPath, a SEQUENCE OF Certificate, read by its lengths."""

    def element(data: bytes) -> tuple[int, int]:
        assert data[0] == 0x30, "no SEQUENCE"
        if data[1] < 0x80:
            return 2, 2 + data[1]
        octets = data[1] & 0x7F
        return 2 + octets, 2 + octets + int.from_bytes(data[2 : 2 + octets])

    start, end = element(value)
    assert end == len(value), "bytes behind the path"
    rest, found = value[start:], []
    while rest:
        _, size = element(rest)
        found.append(x509.load_der_x509_certificate(rest[:size]))
        rest = rest[size:]
    return found
