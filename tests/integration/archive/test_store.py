"""Registration, storing, resuming: the ways that end well."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from cryptography import x509

from edefter.archive.errors import ContractViolation, PortalFileRefused, PortalWaiting
from tests.integration.archive.support import API_SECRET, MIB, RealTime, berat, ledger


def test_registration_makes_a_private_key_and_obtains_a_certificate(desk):
    desk.registered()
    key = desk.folder / "keys" / f"{desk.firm}-client.key"
    chain = (desk.folder / "keys" / f"{desk.firm}-client.pem").read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    leaf, issuer = x509.load_pem_x509_certificates(chain)
    leaf.verify_directly_issued_by(issuer)
    assert desk.firm in leaf.subject.rfc4514_string()
    # Again: idempotent, the certificate that is held stays.
    desk.registered()
    assert (desk.folder / "keys" / f"{desk.firm}-client.pem").read_bytes() == chain


def test_a_stored_file_is_identical_and_its_receipt_is_verified(desk):
    client = desk.registered()
    data = ledger(size=2 * MIB + 5)
    receipt = client.store(desk.item(data), desk.memory())
    assert receipt.body["package_id"] == f"{desk.firm}-202601-Y-000000"
    assert receipt.state == "replicated"
    assert receipt.seq == 1
    assert desk.stored(receipt.body["portal_file_id"]) == data
    assert desk.memory().load() == {}
    assert [row["persisted_bytes"] for row in desk.uploads()] == [MIB, MIB, 5]
    # Both channels told their clock, and every call was announced.
    assert {source for source, _, _ in desk.dates} == {"portal 127.0.0.1"}
    assert all(abs(moment - datetime.now(UTC)).total_seconds() < 60 for _, moment, _ in desk.dates)
    assert {"portal.token", "portal.declare", "portal.tus.patch", "portal.finalize"} <= set(
        desk.calls
    )


def test_known_content_is_not_uploaded_again(desk):
    client = desk.registered()
    first = client.store(desk.item(ledger()), desk.memory())
    desk.mark()
    again = desk.client().store(desk.item(ledger()), desk.memory("other"), first)
    assert again == first
    assert desk.uploads() == []


@pytest.mark.parametrize("size", [MIB - 1, MIB, MIB + 1])
def test_sizes_around_a_chunk(desk, size):
    receipt = desk.registered().store(desk.item(ledger(size=size)), desk.memory())
    assert receipt.body["size"] == size
    assert len(desk.stored(receipt.body["portal_file_id"])) == size


@pytest.mark.parametrize("data", [b"", b"a"])
def test_tiny_files_arrive_whole_and_are_refused_for_their_content_only(desk, data):
    with pytest.raises(PortalFileRefused) as caught:
        desk.registered().store(desk.item(data), desk.memory())
    assert caught.value.facts["slug"] == "bad-metadata"
    (held,) = desk.client().archives()
    assert held["state"] == "rejected"
    assert desk.stored(held["id"]) == data
    assert len(desk.uploads()) == len(data)


def test_a_cut_in_mid_chunk_is_resumed_by_a_new_client(desk):
    client = desk.registered(retry_limit_s=0.0)
    item = desk.item(ledger(size=3 * MIB + 7))
    desk.simulator.set_knobs(cut={"skip": 1, "after_bytes": 300_000})
    with pytest.raises(PortalWaiting):
        client.store(item, desk.memory())
    saved = desk.memory().load()
    assert saved["acknowledged"] == str(MIB)
    assert "token" not in json.dumps(saved)
    desk.simulator.set_knobs()
    desk.mark()
    receipt = desk.client().store(item, desk.memory())
    assert desk.stored(receipt.body["portal_file_id"]) == item.path.read_bytes()
    # Only what was not acknowledged is sent again.
    assert sum(row["received_bytes"] for row in desk.uploads()) == 2 * MIB + 7


def test_a_new_process_goes_on_with_smaller_chunks_where_they_were_lost(desk):
    """The sandbox takes a chunk whole or not at all; the size that was lost is remembered."""
    big = desk.item(ledger(size=9 * MIB))
    desk.registered()
    desk.simulator.set_knobs(cut={"after_bytes": 100_000, "persist": "before", "times": 2})
    sizes = []
    for _ in range(2):
        client = desk.client(chunk_bytes=4 * MIB, retry_limit_s=0.0)
        with pytest.raises(PortalWaiting):
            client.store(big, desk.memory())
        sizes.append(int(desk.memory().load()["sending"]))
    assert sizes == [4 * MIB, 2 * MIB]
    desk.mark()
    desk.client(chunk_bytes=4 * MIB).store(big, desk.memory())
    assert max(row["received_bytes"] for row in desk.uploads()) == MIB


def test_an_answer_lost_after_persist_sends_nothing_twice(desk):
    client = desk.registered()
    item = desk.item(ledger(size=2 * MIB))
    desk.simulator.set_knobs(lose_answer={"times": 1})
    receipt = client.store(item, desk.memory())
    assert receipt.sha256 == item.sha256
    assert sum(row["received_bytes"] for row in desk.uploads()) == 2 * MIB


def test_a_lost_last_answer_is_found_by_the_next_process(desk):
    client = desk.registered(retry_limit_s=0.0)
    item = desk.item(ledger(size=MIB))
    desk.simulator.set_knobs(lose_answer={"times": 1})
    with pytest.raises(PortalWaiting):
        client.store(item, desk.memory())
    desk.simulator.set_knobs()
    desk.mark()
    assert desk.client().store(item, desk.memory()).sha256 == item.sha256
    assert desk.uploads() == []


def test_a_changed_file_is_not_resumed(desk):
    client = desk.registered(retry_limit_s=0.0)
    item = desk.item(ledger(size=2 * MIB))
    desk.simulator.set_knobs(cut={"skip": 1, "after_bytes": 10})
    with pytest.raises(PortalWaiting):
        client.store(item, desk.memory())
    item.path.write_bytes(ledger(signature="YW5vdGhlcg==", size=2 * MIB))
    desk.simulator.set_knobs()
    desk.mark()
    with pytest.raises(PortalFileRefused) as caught:
        desk.client().store(item, desk.memory())
    assert caught.value.key == "archive.file_changed"
    assert desk.uploads() == []


def test_an_upload_survives_sigkill_of_the_client(desk):
    desk.registered()
    item = desk.item(ledger(size=6 * MIB))
    desk.simulator.set_knobs(slow_read_s=0.004)  # per TLS record of 16 KiB: about 1.6 s in all
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.archive.client_process"],
        stdin=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps({
        "facts": desk.simulator.facts, "ca": str(desk.ca), "firm": desk.firm,
        "folder": str(desk.folder), "path": str(item.path), "sha256": item.sha256,
        "size": item.size_bytes,
    }))  # fmt: skip
    process.stdin.close()
    deadline = time.monotonic() + 20
    try:
        while int(desk.memory().load().get("acknowledged", "0")) < 2 * MIB:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    desk.simulator.set_knobs()
    acknowledged = int(desk.memory().load()["acknowledged"])
    assert 2 * MIB <= acknowledged < 6 * MIB
    # The portal may still read what the dead client had sent: really wait, it says 423.
    desk.time = RealTime()
    receipt = desk.client().store(item, desk.memory())
    assert desk.stored(receipt.body["portal_file_id"]) == item.path.read_bytes()
    # At most the chunk in flight crossed the line twice; chunks grow while all goes well.
    assert sum(row["received_bytes"] for row in desk.uploads()) <= 8 * MIB


def test_receipts_are_chained_and_the_chain_is_followed_over_unknown_ones(desk):
    client = desk.registered()
    first = client.store(desk.item(ledger()), desk.memory())
    client.store(desk.item(ledger(), kind="K"), desk.memory("k"))
    # The second receipt is not known to this call: the feed links first → second → third.
    third = client.store(desk.item(berat("c2lnbmF0dXJl"), kind="YB"), desk.memory("yb"), first)
    assert third.seq == 3
    assert [receipt.seq for receipt in client.receipts()] == [1, 2, 3]


def test_files_go_side_by_side_and_are_confirmed_one_by_one(desk):
    client = desk.registered()
    assert client.uploads_at_once() == 3, "as configured, and as the portal allows"
    assert desk.client(parallel=16).uploads_at_once() == 3
    items = [desk.item(ledger(size=3 * MIB, kind=kind), kind=kind) for kind in ("Y", "K")]
    memories = [desk.memory(item.kind) for item in items]
    desk.simulator.set_knobs(slow_read_s=0.02)
    desk.mark()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(client.send_ahead, items, memories))
    desk.simulator.set_knobs()
    paths = [row["path"] for row in desk.uploads()]
    assert len(set(paths)) == 2 and paths != sorted(paths) and paths != sorted(paths)[::-1]
    desk.mark()
    previous = None
    for seq, (item, memory) in enumerate(zip(items, memories, strict=True), start=1):
        previous = client.store(item, memory, previous)
        assert previous.seq == seq
        assert desk.stored(previous.body["portal_file_id"]) == item.path.read_bytes()
    assert desk.uploads() == [], "nothing was sent again"
    client.send_ahead(items[0], memories[0])
    assert desk.uploads() == []


def test_what_was_withdrawn_makes_room_for_other_content_and_stays(desk):
    client = desk.registered()
    first = client.store(desk.item(ledger()), desk.memory())
    other = desk.item(ledger(size=MIB))
    with pytest.raises(PortalFileRefused) as refused:
        client.store(other, desk.memory("again"), first)
    assert refused.value.key == "archive.different_content"
    for _ in range(2):  # a killed run says it twice
        client.withdraw(first.body["portal_file_id"], "düzeltme")
    second = client.store(other, desk.memory("again"), first)
    assert second.seq == first.seq + 1
    assert client.state(first.body["portal_file_id"])["state"] == "superseded"
    held = desk.folder / "old.xml"
    client.download(first.body["portal_file_id"], held, first.sha256)
    assert held.is_file()
    with pytest.raises(PortalFileRefused):
        client.withdraw(second.body["portal_file_id"], "  ")


def test_ledger_berat_and_approved_berat_must_belong_together(desk):
    client = desk.registered()
    client.store(desk.item(ledger("QUJD")), desk.memory())
    client.store(desk.item(berat("QUJD"), kind="YB"), desk.memory())
    client.store(desk.item(berat("QUJD", counter=True), kind="GIB-YB"), desk.memory())
    client.store(desk.item(ledger("S0tL"), kind="K"), desk.memory())
    with pytest.raises(PortalFileRefused) as caught:
        client.store(desk.item(berat("QUJD"), kind="KB"), desk.memory())
    assert caught.value.facts["slug"] == "signature-mismatch"


def test_an_approved_berat_of_other_bytes_is_refused(desk):
    client = desk.registered()
    client.store(desk.item(berat("QUJD"), kind="YB"), desk.memory())
    other = berat("QUJD", own="b3RoZXI=", counter=True)
    with pytest.raises(PortalFileRefused) as caught:
        client.store(desk.item(other, kind="GIB-YB"), desk.memory())
    assert caught.value.facts["slug"] == "signature-mismatch"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("Y", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
        ("Y", b"<a></b>"),
        ("YB", ledger()),  # a ledger under the name of a berat
    ],
)
def test_bad_documents_are_refused(desk, kind, data):
    with pytest.raises(PortalFileRefused) as caught:
        desk.registered().store(desk.item(data, kind=kind), desk.memory())
    assert caught.value.facts["slug"] == "bad-metadata"


def test_a_file_name_of_another_period_is_refused(desk):
    item = desk.item(ledger(), file_name=f"{desk.firm}-202602-Y-000000.xml")
    with pytest.raises(PortalFileRefused) as caught:
        desk.registered().store(item, desk.memory())
    assert caught.value.facts["slug"] == "bad-package-name"


def bundle(desk, names):
    path = desk.folder / "bundle.zip"
    with zipfile.ZipFile(path, "w") as target:
        for name in names:
            target.writestr(name, ledger())
    data = path.read_bytes()
    return desk.item(data, kind="BUNDLE")


def test_a_bundle_is_stored_with_its_members(desk):
    receipt = desk.registered().store(
        bundle(desk, [f"{desk.firm}-202601-Y-000000.xml"]), desk.memory()
    )
    assert [row["name"] for row in receipt.body["members"]] == [f"{desk.firm}-202601-Y-000000.xml"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [("../evil.xml", "bad-zip"), ("1234567808-202602-Y-000000.xml", "bad-package-name")],
)
def test_a_bad_bundle_is_refused(desk, name, slug):
    with pytest.raises(PortalFileRefused) as caught:
        desk.registered().store(bundle(desk, [name]), desk.memory())
    assert caught.value.facts["slug"] == slug


def test_verify_list_and_download(desk):
    client = desk.registered()
    data = ledger(size=300_000)
    receipt = client.store(desk.item(data), desk.memory())
    client.store(desk.item(ledger(), kind="K"), desk.memory())
    archive_id = receipt.body["portal_file_id"]
    desk.simulator.set_knobs(page=1)
    assert [row["kind"] for row in client.archives()] == ["Y", "K"]
    assert [row["kind"] for row in client.archives(kind="K")] == ["K"]
    assert [item.seq for item in client.receipts()] == [1, 2]
    assert client.verify(archive_id) == receipt.sha256
    assert client.state(archive_id)["state"] == "replicated"
    assert client.receipt(archive_id) == receipt
    assert client.limits()["parallel"] == 3
    assert client.firm_state()["state"] == "active"
    target = desk.folder / "back.xml"
    desk.simulator.set_knobs(download={"value": "cut", "times": 1})
    client.download(archive_id, target, receipt.sha256)  # cut once, tried again
    assert target.read_bytes() == data


@pytest.mark.parametrize("fault", ["flip", "truncate"])
def test_a_wrong_download_replaces_nothing(desk, fault):
    client = desk.registered()
    receipt = client.store(desk.item(ledger(size=300_000)), desk.memory())
    target = desk.folder / "back.xml"
    target.write_bytes(b"what I had")
    desk.simulator.set_knobs(download=fault, verify_differs=True)
    with pytest.raises(ContractViolation) as caught:
        client.download(receipt.body["portal_file_id"], target, receipt.sha256)
    assert caught.value.key == "archive.download_wrong"
    assert target.read_bytes() == b"what I had"
    assert client.verify(receipt.body["portal_file_id"]) != receipt.sha256


def test_a_slow_verification_is_polled(desk):
    client = desk.registered()
    desk.simulator.set_knobs(verifying_s=0.3)
    real = desk.time.sleep

    def sleep(seconds):
        real(0.01)
        time.sleep(0.1)

    client._sleep = sleep
    assert client.store(desk.item(ledger()), desk.memory()).seq == 1
    assert desk.calls.count("portal.finalize") > 1


def test_a_verification_that_lasts_too_long_waits_for_the_next_run(desk):
    client = desk.registered(finalize_wait_s=3.0)
    desk.simulator.set_knobs(verifying_s=1.0)
    item = desk.item(ledger())
    with pytest.raises(PortalWaiting) as caught:
        client.store(item, desk.memory())
    assert caught.value.key == "archive.verifying"
    desk.simulator.set_knobs()
    time.sleep(1.0)
    assert desk.client().store(item, desk.memory()).sha256 == item.sha256


def test_the_secret_is_kept_out_of_everything_written(desk):
    desk.registered().store(desk.item(ledger()), desk.memory())
    for path in desk.folder.rglob("*"):
        assert not path.is_file() or API_SECRET.encode() not in path.read_bytes()
