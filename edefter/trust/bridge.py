"""The seam to pyhanko-certvalidator: certificates over there, and its coroutines without a loop.

The validator is written for an event loop because it can fetch; we never let it, so its coroutines
run to their end at the first push. Without `asyncio.run` callers may have a loop of their own.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator.authority import (
    AuthorityWithCert,
    TrustAnchor,
    TrustedServiceType,
    TrustQualifiers,
)
from pyhanko_certvalidator.context import ValidationContext
from pyhanko_certvalidator.errors import (
    CRLValidationError,
    OCSPValidationError,
    PathError,
    ValidationError,
)
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    NO_REVOCATION,
    CertRevTrustPolicy,
    PKIXValidationParams,
)

from edefter.certificates import UNREADABLE

_T = TypeVar("_T")

REFUSALS = (
    x509.ExtensionNotFound,
    *UNREADABLE,
    ValidationError,
    PathError,
    OCSPValidationError,
    CRLValidationError,
    InvalidSignature,
    UnsupportedAlgorithm,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    NotImplementedError,
    RecursionError,
)
"""What the validator raises on certificates and answers that are wrong or malformed.

Beside its own errors those of the parsers under it: what a stranger wrote may break any of them,
and each means "not proven".
"""


def plain(certificate: x509.Certificate) -> Any:
    """The certificate as the validator's own type."""
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def finish(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine that has nothing to wait for.

    Raises:
        RuntimeError: it did wait, i.e. tried to fetch something; that is a defect.
    """
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: _T = end.value
        return result
    coroutine.close()
    raise RuntimeError("the validator tried to wait for something")


def validation_path(certificates: Sequence[x509.Certificate]) -> ValidationPath:
    """A path as the validator knows it.

    Args:
        certificates: from the signer's up to the anchor, at least one.
    """
    anchor, below = certificates[-1], certificates[:-1]
    quals = TrustQualifiers(
        standard_parameters=PKIXValidationParams(),
        max_path_length=_path_length(anchor),
        valid_from=anchor.not_valid_before_utc,
        valid_until=anchor.not_valid_after_utc,
        trusted_service_type=TrustedServiceType.CERTIFICATE_AUTHORITY,
    )
    downwards = [plain(item) for item in reversed(below)]
    return ValidationPath(
        TrustAnchor(AuthorityWithCert(plain(anchor)), quals),
        downwards[:-1],
        downwards[-1] if downwards else None,
    )


def _path_length(anchor: x509.Certificate) -> int | None:
    try:
        return anchor.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length
    except x509.ExtensionNotFound:  # whereas one that cannot be read must not become "no limit"
        return None


def context(
    path: ValidationPath,
    moment: datetime,
    *,
    ocsps: Iterable[bytes] = (),
    crls: Iterable[bytes] = (),
) -> ValidationContext:
    """A context that knows this path, these answers, this moment, and nothing else.

    Args:
        path: its certificates are all that the validator may use.
        moment: zone-aware; everything is judged by it, without tolerance.
        ocsps, crls: DER.
    """
    known = [item for item in path.iter_certs(include_root=True)]
    return ValidationContext(
        trust_roots=[path.trust_anchor],
        other_certs=known,
        moment=moment,
        allow_fetching=False,
        ocsps=list(ocsps),
        crls=list(crls),
        # Answers are judged one by one, by us; here only names, signatures, usages and times count.
        revinfo_policy=CertRevTrustPolicy(NO_REVOCATION),
        time_tolerance=timedelta(0),
    )
