"""What we read from a certificate: owner's number, usage, marker, names as RFC 2253 text."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID, ObjectIdentifier

from edefter.certificates import UNREADABLE, extension
from edefter.model.environment import SANDBOX_MARKER_OID, Environment

# RFC 2253 §2.3 knows these keywords; every other type is written as OID and hex of the DER value,
# which is what Java writes and reads.
_KEYWORDS = {
    NameOID.COMMON_NAME: "CN",
    NameOID.LOCALITY_NAME: "L",
    NameOID.STATE_OR_PROVINCE_NAME: "ST",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.COUNTRY_NAME: "C",
    NameOID.STREET_ADDRESS: "STREET",
    NameOID.DOMAIN_COMPONENT: "DC",
    NameOID.USER_ID: "UID",
}
_READ_ALSO = {
    "SERIALNUMBER": NameOID.SERIAL_NUMBER,
    "S": NameOID.STATE_OR_PROVINCE_NAME,
    "E": NameOID.EMAIL_ADDRESS,
    "EMAILADDRESS": NameOID.EMAIL_ADDRESS,
    "T": NameOID.TITLE,
    "G": NameOID.GIVEN_NAME,
    "GIVENNAME": NameOID.GIVEN_NAME,
    "SN": NameOID.SURNAME,
    "SURNAME": NameOID.SURNAME,
}


def tax_number(certificate: x509.Certificate) -> str:
    """VKN or TCKN: the subject's serialNumber (2.5.4.5); empty when there is none or several."""
    values = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    return str(values[0].value).strip() if len(values) == 1 else ""


def common_name(certificate: x509.Certificate) -> str:
    """The subject's CN, or the whole subject."""
    values = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(values[0].value) if values else rfc2253(certificate.subject)


def key_words(certificate: x509.Certificate) -> str:
    """Kind and size of the key, such as `RSA 2048` or `EC secp384r1`."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__.strip("_").removesuffix("PublicKey")


def serial_text(certificate: x509.Certificate) -> str:
    """Serial number as it is printed on Kamu SM's pages: upper-case hex."""
    return f"{certificate.serial_number:X}"


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER form, lower-case hex."""
    return certificate.fingerprint(SHA256()).hex()


def key_usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    """The key usage extension; None when there is none or a stranger's cannot be read."""
    found = extension(certificate, x509.KeyUsage)
    return found.value if found else None


def may_sign(certificate: x509.Certificate) -> bool:
    """Whether this is the signing and not the encryption certificate (signing.md §2)."""
    usage = key_usage(certificate)
    return (
        usage is not None
        and usage.digital_signature
        and not usage.key_encipherment
        and not usage.key_agreement
    )


def has_sandbox_marker(certificate: x509.Certificate) -> bool:
    """Whether the certificate carries the private extension of our sandbox."""
    marker = ObjectIdentifier(SANDBOX_MARKER_OID)
    return any(extension.oid == marker for extension in certificate.extensions)


def fits_environment(certificate: x509.Certificate, environment: Environment) -> bool:
    """Sandbox certificates belong to the sandbox alone, only they do; unreadable ones nowhere."""
    try:
        return has_sandbox_marker(certificate) == (environment is Environment.SANDBOX)
    except UNREADABLE:
        return False


def rfc2253(name: x509.Name) -> str:
    """A name as RFC 2253 text: last RDN first, unknown types as `OID=#hex`."""
    return ",".join(
        "+".join(_attribute_text(attribute) for attribute in rdn) for rdn in reversed(name.rdns)
    )


def _attribute_text(attribute: x509.NameAttribute[str | bytes]) -> str:
    keyword = _KEYWORDS.get(attribute.oid)
    if keyword is None or not isinstance(attribute.value, str):
        return f"{attribute.oid.dotted_string}=#{_value_der(attribute).hex()}"
    return f"{keyword}={_escape(attribute.value)}"


def _value_der(attribute: x509.NameAttribute[str | bytes]) -> bytes:
    """The attribute's value as DER, cut out of a name that holds it alone."""
    der = x509.Name([attribute]).public_bytes()
    for _ in range(3):  # SEQUENCE { SET { SEQUENCE { OID, value } } }: step into each
        der = _content(der)[0]
    return _content(der)[1]  # behind the OID


def _content(der: bytes) -> tuple[bytes, bytes]:
    """Content of the first DER element, and what follows it."""
    length, start = der[1], 2
    if length & 0x80:
        start = 2 + (length & 0x7F)
        length = int.from_bytes(der[2:start])
    return der[start : start + length], der[start + length :]


def _escape(text: str) -> str:
    escaped = "".join(f"\\{char}" if char in ',+"\\<>;' else char for char in text)
    if escaped.startswith(("#", " ")):
        escaped = "\\" + escaped
    if text.endswith(" ") and len(text) > 1:
        escaped = escaped[:-1] + "\\ "
    return escaped


def same_name(text: str, name: x509.Name) -> bool | None:
    """Whether name text of some other program means `name`.

    Order of RDNs, case, blanks and the spelling of unknown types (`2.5.4.5=#13…` or
    `SERIALNUMBER=…`) do not matter: tools differ there.

    Returns:
        None when the text cannot be read.
    """
    wanted = sorted((a.oid.dotted_string, _fold(a.value)) for a in name)
    try:
        found = sorted(_read_attribute(part) for part in _split(text))
    except (ValueError, KeyError, IndexError):
        return None
    return found == wanted


def _fold(value: str | bytes) -> str:
    shown = value if isinstance(value, str) else value.decode("utf-8", "replace")
    return " ".join(shown.casefold().split())


def _split(text: str) -> list[str]:
    """Cut at unescaped, unquoted `,`, `;` and `+`."""
    parts, current, quoted, escaped = [], "", False, False
    for char in text:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif char in ",;+" and not quoted:
            parts.append(current)
            current = ""
            continue
        current += char
    return [*parts, current]


def _read_attribute(part: str) -> tuple[str, str]:
    kind, _, value = part.partition("=")
    kind = kind.strip().upper().removeprefix("OID.")
    known = {keyword: oid for oid, keyword in _KEYWORDS.items()} | _READ_ALSO
    oid = kind if kind[:1].isdigit() else known[kind].dotted_string
    value = value.lstrip(" ")
    trimmed = value.rstrip(" ")
    if (len(trimmed) - len(trimmed.rstrip("\\"))) % 2 and trimmed != value:
        trimmed += " "  # the last blank was escaped
    value = trimmed
    if value.startswith("#"):
        content, rest = _content(bytes.fromhex(value[1:]))
        if rest:
            raise ValueError("trailing bytes")
        return oid, _fold(content)
    return oid, _fold(_unescape(value.removeprefix('"').removesuffix('"')))


def _unescape(value: str) -> str:
    raw = bytearray()
    index = 0
    while index < len(value):
        if value[index] != "\\":
            raw += value[index].encode()
            index += 1
        elif value[index + 1] in "0123456789abcdefABCDEF":
            raw += bytes.fromhex(value[index + 1 : index + 3])
            index += 3
        else:
            raw += value[index + 1].encode()
            index += 2
    return raw.decode()
