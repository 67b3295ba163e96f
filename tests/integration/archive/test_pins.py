"""Pinned keys of the portal: the right one passes, any other ends before a byte is sent."""

from __future__ import annotations

import ssl

import pytest

from edefter.archive.errors import PortalUnreachable
from edefter.archive.pinning import pin_of
from edefter.certificates import read_pem
from tests.integration.archive.support import ledger

OTHER = "A" * 43 + "="


def _shown(port: int) -> str:
    pem = ssl.get_server_certificate(("127.0.0.1", port))
    return pin_of(read_pem(pem.encode())[0])


def test_with_the_right_pins_everything_goes_on(desk):
    facts = desk.simulator.facts
    pins = {_shown(facts["port"]), _shown(facts["upload_port"]), OTHER}
    client = desk.registered(pins=tuple(pins), mutual_tls=True)
    receipt = client.store(desk.item(ledger()), desk.memory())
    assert receipt.seq == 1


def test_another_key_is_refused_and_nothing_is_sent(desk):
    before = len(desk.simulator.received())
    with pytest.raises(PortalUnreachable) as refused:
        desk.registered(pins=(OTHER,))
    assert refused.value.key == "archive.pin_mismatch"
    assert refused.value.facts["shown"] == _shown(desk.simulator.facts["port"])
    assert refused.value.facts["issuer"]
    assert len(desk.simulator.received()) == before
