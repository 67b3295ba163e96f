"""Issuers that lie beside a seal's certificate."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509


def chain_among(
    certificate: x509.Certificate, held: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """Issuers of `certificate` among `held`, from its own issuer upwards, without the root.

    Args:
        certificate: of the seal.
        held: whatever lies beside it, in any order; may hold the certificate itself.
    """
    chain: list[x509.Certificate] = []
    current = certificate
    while current.subject != current.issuer:
        issuer = next(
            (
                item
                for item in held
                if item.subject == current.issuer and item not in (certificate, *chain)
            ),
            None,
        )
        if issuer is None or issuer.subject == issuer.issuer:
            break
        chain.append(issuer)
        current = issuer
    return tuple(chain)
