"""The test PKI of the sandbox (signing.md §7); no private key is ever shipped."""

from edefter.sandbox.pki.authority import (
    GIB_TAX_NUMBER,
    SEAL_PASSWORD,
    SandboxPki,
    SealFile,
)
from edefter.sandbox.pki.certificates import (
    ENCRYPTION_EKU,
    SEAL_POLICY,
    SIGNING_EKU,
    KeyKind,
    PrivateKey,
    usage,
)
from edefter.sandbox.pki.register import Revoked
from edefter.sandbox.pki.variants import VARIANTS, Variant, issue_variant

__all__ = [
    "ENCRYPTION_EKU",
    "GIB_TAX_NUMBER",
    "SEAL_PASSWORD",
    "SEAL_POLICY",
    "SIGNING_EKU",
    "VARIANTS",
    "KeyKind",
    "PrivateKey",
    "Revoked",
    "SandboxPki",
    "SealFile",
    "Variant",
    "issue_variant",
    "usage",
]
