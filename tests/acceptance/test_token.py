"""A month end with the seal on a token: RSA-2048 and P-384 in SoftHSM2.

`make acceptance-hsm` runs the whole acceptance suite so.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edefter.sandbox import softhsm
from edefter.sandbox.world import SandboxWorld
from tests.conftest import absent
from tests.support.office import Office


@pytest.mark.parametrize(
    ("seals", "method"), [("pkcs11-rsa", b"#rsa-sha256"), ("pkcs11-ec", b"#ecdsa-sha384")]
)
def test_a_month_end_with_a_token(
    world: SandboxWorld, make_office: Callable[..., Office], seals: str, method: bytes
) -> None:
    if softhsm.LIBRARY is None:
        absent("SoftHSM2 (Debian packages softhsm2 and opensc)")
    before, world.seals = world.seals, seals
    try:
        office = make_office()
        office.register()
    finally:
        world.seals = before
    assert 'kind = "pkcs11"' in office.config.read_text(encoding="utf-8")
    tried = office.edefter("seal", "test")
    assert tried.code == 0 and method.decode().lstrip("#") in tried.out, tried.err
    closed = office.run("2026-01")
    assert closed.code == 0, closed.out + closed.err
    for path in office.archived("*-202601-[YK]*.xml"):
        assert method in path.read_bytes()
    assert office.edefter("verify", str(office.archive)).code == 0
    assert office.edefter("seal", "unlock").code == 0
