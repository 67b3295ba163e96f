"""Namespaces and algorithm identifiers of XML-DSig (W3C 2008), XAdES (ETSI TS 101 903)."""

from __future__ import annotations

from dataclasses import dataclass

DS = "http://www.w3.org/2000/09/xmldsig#"
DS11 = "http://www.w3.org/2009/xmldsig11#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
XML = "http://www.w3.org/XML/1998/namespace"
EDEFTER = "http://www.edefter.gov.tr"
EXCLUSIVE_PREFIX_LIST = "http://www.w3.org/2001/10/xml-exc-c14n#"

C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_WITH_COMMENTS = f"{C14N}#WithComments"
ENVELOPED = f"{DS}enveloped-signature"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"

SIGNED_PROPERTIES_TYPE = "http://uri.etsi.org/01903#SignedProperties"
COUNTERSIGNED_TYPE = "http://uri.etsi.org/01903#CountersignedSignature"


def ds(local: str) -> str:
    """Clark name of an XML-DSig element."""
    return f"{{{DS}}}{local}"


def xades(local: str) -> str:
    """Clark name of a XAdES 1.3.2 element."""
    return f"{{{XADES}}}{local}"


@dataclass(frozen=True, slots=True)
class Canonicalization:
    """One canonicalisation method.

    Args:
        exclusive: exclusive c14n 1.0, else inclusive 1.0 or 1.1.
        with_comments: comments are part of the form.
        prefixes: InclusiveNamespaces of the exclusive form; empty = `#default`.
    """

    exclusive: bool = False
    with_comments: bool = False
    prefixes: tuple[str, ...] = ()


INCLUSIVE = Canonicalization()

CANONICALIZATIONS = {
    C14N: INCLUSIVE,
    C14N_WITH_COMMENTS: Canonicalization(with_comments=True),
    # 1.1 differs from 1.0 only in xml:* attributes inherited from ancestors, which we refuse.
    "http://www.w3.org/2006/12/xml-c14n11": INCLUSIVE,
    "http://www.w3.org/2006/12/xml-c14n11#WithComments": Canonicalization(with_comments=True),
    "http://www.w3.org/2001/10/xml-exc-c14n#": Canonicalization(exclusive=True),
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments": Canonicalization(
        exclusive=True, with_comments=True
    ),
}

DIGESTS = {
    SHA256: "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
"""Digest methods that we accept, with hashlib's names; SHA-1 and MD5 are refused by absence."""

OLD_DIGESTS = {f"{DS}sha1": "sha1"}
"""Of references and CertDigest of old seals: tolerated where asked for (signing.md §6)."""
