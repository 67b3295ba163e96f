"""The time stamp inside a signature: SignatureTimeStamp of XAdES-T.

It stands in the unsigned properties and covers the canonical form of the ds:SignatureValue
element: the element, not its text (signing.md §4; ETSI TS 101 903 §7.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from edefter.timestamp.token import check_token
from edefter.xmlsig.names import C14N, CANONICALIZATIONS, INCLUSIVE, ds, xades
from edefter.xmlsig.parsing import Element, canonical
from edefter.xmlsig.problem import Problem, Unreadable, Verdict
from edefter.xmlsig.read import decode, only, refuse

_PLACE = (
    f"{ds('Object')}/{xades('QualifyingProperties')}/{xades('UnsignedProperties')}"
    f"/{xades('UnsignedSignatureProperties')}/{xades('SignatureTimeStamp')}"
)
_MOST_STAMPS = 4  # one is usual; archives may add another before the first one's CA ends


@dataclass(frozen=True, slots=True)
class StampsCheck:
    """What the time stamps of one signature prove together.

    Args:
        gen_time: the earliest proven time, UTC; None = none is proven.
        count: time stamps in the signature.
        certificates: that came with them, as evidence.
        problems: of all of them.
    """

    gen_time: datetime | None
    count: int
    certificates: tuple[x509.Certificate, ...]
    problems: tuple[Problem, ...]


def stamped_bytes(signature: Element) -> bytes:
    """What a time stamp of this signature covers: ds:SignatureValue, canonical where it stands.

    Args:
        signature: the ds:Signature in its document (its ancestors' namespaces count).

    Raises:
        Unreadable: no ds:SignatureValue, or several.
    """
    return canonical(only(signature, ds("SignatureValue")), INCLUSIVE)


def check_stamps(
    signature: Element,
    anchors: Sequence[x509.Certificate],
    untrusted: Sequence[x509.Certificate] = (),
) -> StampsCheck:
    """Check all time stamps of a signature.

    Args:
        signature: the ds:Signature in its document.
        anchors: trust anchors.
        untrusted: further certificates, e.g. from evidence.

    Returns:
        the earliest time that is proven, and everything that is wrong; never raises for what the
        document holds.
    """
    times: list[datetime] = []
    problems: list[Problem] = []
    certificates: list[x509.Certificate] = []
    found = signature.findall(_PLACE)
    everywhere = list(signature.iter(xades("SignatureTimeStamp")))
    if len(everywhere) != len(found) or len(found) > _MOST_STAMPS:
        problems.append(Problem(Verdict.TIMESTAMP, "timestamp.place"))
    for stamp in found[:_MOST_STAMPS]:
        try:
            token, data = _read(signature, stamp)
        except Unreadable as error:
            problem = error.problem
            problems.append(Problem(Verdict.TIMESTAMP, problem.key, problem.facts))
            continue
        check = check_token(token, data, anchors=anchors, untrusted=untrusted)
        problems += check.problems
        certificates += check.certificates
        if check.ok and check.gen_time is not None:
            times.append(check.gen_time)
    return StampsCheck(
        min(times, default=None), len(everywhere), tuple(certificates), tuple(problems)
    )


def _read(signature: Element, stamp: Element) -> tuple[bytes, bytes]:
    """Token and stamped bytes."""
    methods = stamp.findall(ds("CanonicalizationMethod"))
    algorithm = methods[0].get("Algorithm", "") if methods else C14N
    method = CANONICALIZATIONS.get(algorithm)
    if method is None or len(methods) > 1 or (methods and len(methods[0])):
        raise refuse("transform", algorithm=algorithm or "-")
    token = decode(only(stamp, xades("EncapsulatedTimeStamp")))
    return token, canonical(only(signature, ds("SignatureValue")), method)
