"""A month end with the seal on a token: RSA-2048 and P-384 in SoftHSM2.

`make acceptance-hsm` runs the whole acceptance suite so.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edefter.sandbox import softhsm
from edefter.sandbox.world import SandboxWorld
from tests.conftest import absent
from tests.support.c_modules import compiled
from tests.support.office import Office


def with_token(world: SandboxWorld, make_office: Callable[..., Office], seals: str) -> Office:
    if softhsm.LIBRARY is None:
        absent("SoftHSM2 (Debian packages softhsm2 and opensc)")
    before, world.seals = world.seals, seals
    try:
        office = make_office()
        office.register()
    finally:
        world.seals = before
    return office


@pytest.mark.parametrize(
    ("seals", "method"), [("pkcs11-rsa", b"#rsa-sha256"), ("pkcs11-ec", b"#ecdsa-sha384")]
)
def test_a_month_end_with_a_token(
    world: SandboxWorld, make_office: Callable[..., Office], seals: str, method: bytes
) -> None:
    office = with_token(world, make_office, seals)
    assert 'kind = "pkcs11"' in office.config.read_text(encoding="utf-8")
    tried = office.edefter("seal", "test")
    assert tried.code == 0 and method.decode().lstrip("#") in tried.out, tried.err
    closed = office.run("2026-01", "--json")
    assert closed.code == 0, closed.out + closed.err
    # GİB's guide lists rsa-sha256 alone for messages (gib-webservice.md §5).
    warned = [warning["key"] for month in closed.json for warning in month["warnings"]]
    late = ["engine.deadline_over"]  # January's date is long past
    assert warned == late + ["gib.seal_algorithm"] * (seals == "pkcs11-ec")
    for path in office.archived("*-202601-[YK]*.xml"):
        assert method in path.read_bytes()
    assert office.edefter("verify", str(office.archive)).code == 0
    assert office.edefter("seal", "unlock").code == 0


@pytest.mark.parametrize(
    ("what", "code", "words"), [("0x32", 4, "çıkarıldı"), ("hang", 3, "yanıt vermedi")]
)
def test_a_token_that_fails_in_the_middle_of_a_month(
    world: SandboxWorld, make_office: Callable[..., Office], monkeypatch: pytest.MonkeyPatch,
    tool, tmp_path: Path, what: str, code: int, words: str,
) -> None:  # fmt: skip
    """Removed, or a driver that hangs: the run ends with its sentence and the next one goes on."""
    tool("gcc", "gcc")
    office = with_token(world, make_office, "pkcs11-rsa")
    plan = tmp_path / "plan"
    monkeypatch.setenv("RELAY_TO", str(softhsm.LIBRARY))
    monkeypatch.setenv("RELAY_PLAN", str(plan))
    office.point_at(compiled("relay_token", tmp_path), timeout_s=3)
    plan.write_text(f"1 {what}")  # the first ledger is signed, the second is not
    stopped = office.run("2026-01")
    assert stopped.code == code and words in stopped.err and "Ne yapmalı:" in stopped.err
    assert office.half_written() == []
    (month,) = office.edefter("status", "--json").json
    assert {row["state"] for row in month["documents"]} == {"signed", "prechecked"}
    closed = office.run("2026-01")
    assert closed.code == 0, closed.out + closed.err
    assert office.edefter("verify", str(office.archive)).code == 0
    assert len(office.sends()) == 2
