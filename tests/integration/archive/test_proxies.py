"""A proxy for each channel of the portal by itself."""

from __future__ import annotations

import pytest

from edefter.archive.errors import PortalUnreachable
from tests.integration.archive.support import ledger
from tests.integration.doctor.servers import listening, replying, tunnelling


def test_both_channels_go_through_the_proxy(desk):
    seen: list[bytes] = []
    with listening(tunnelling(seen)) as proxy:
        client = desk.registered(proxy=f"http://127.0.0.1:{proxy}")
        assert client.store(desk.item(ledger()), desk.memory()).seq == 1
        client.close()
    asked = {head.split(b" ")[1].rpartition(b":")[2] for head in seen}
    facts = desk.simulator.facts
    assert asked == {str(facts["port"]).encode(), str(facts["upload_port"]).encode()}


def test_uploads_pass_by_a_proxy_that_lets_only_443_through(desk):
    seen: list[bytes] = []
    with listening(tunnelling(seen)) as proxy:
        client = desk.registered(proxy=f"http://127.0.0.1:{proxy}", upload_proxy="")
        assert client.store(desk.item(ledger()), desk.memory()).seq == 1
        client.close()
    asked = {head.split(b" ")[1].rpartition(b":")[2] for head in seen}
    assert asked == {str(desk.simulator.facts["port"]).encode()}


def test_a_proxy_that_forbids_uploads_is_named(desk):
    with listening(replying(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")) as proxy:
        client = desk.registered(upload_proxy=f"http://127.0.0.1:{proxy}")
        with pytest.raises(PortalUnreachable) as refused:
            client.store(desk.item(ledger()), desk.memory())
    assert refused.value.key == "archive.proxy_refused"
    assert refused.value.facts["port"] == desk.simulator.facts["upload_port"]
