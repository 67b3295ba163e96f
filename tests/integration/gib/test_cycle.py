"""Send, poll, fetch: client and simulator over TLS, and what the simulator refuses by itself."""

from __future__ import annotations

import dataclasses
import io
import os
import shutil
import subprocess
import tracemalloc
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import requests
import zeep

from edefter.atomic import sha256_file
from edefter.berat.approved import check_approved
from edefter.gib.client import GibClient
from edefter.gib.errors import GibFault, PackageRefused
from edefter.gib.package import build_package
from edefter.gib.port import Authority, BatchState
from edefter.model.documents import DocumentName, Kind
from edefter.model.environment import Environment
from edefter.model.files import Package
from edefter.model.period import Period
from edefter.sandbox.pki import GIB_TAX_NUMBER
from edefter.sandbox.process import Simulator
from tests.integration.gib.support import (
    STRANGER,
    VKN,
    Month,
    Recorder,
    build_month,
    client_for,
    wait_for,
)


def approved_ok(fetched, month: Month, pki, kind: Kind = Kind.YB) -> bool:
    package = month.packages[kind]
    result = check_approved(
        fetched.data,
        file_name=fetched.file_name,
        sent_berat=month.signed[kind].file.path.read_bytes(),
        ledger_signature_value=month.signed[kind.ledger].signature_value,
        anchors=(pki.root,),
        gib_tax_number=GIB_TAX_NUMBER,
        environment=Environment.SANDBOX,
        now=datetime.now(UTC),
        package_id=package.package_id,
    )
    return result.ok


@pytest.mark.parametrize("token", ["pkipath", "x509v3"])
@pytest.mark.parametrize("key", ["rsa", "ec"])
def test_a_month_goes_up_and_comes_back_approved(
    gib, pki, seal, ec_seal, month, token, key, tmp_path
):
    own = seal if key == "rsa" else ec_seal
    made = month(own)
    recorder = Recorder()
    with client_for(gib, pki, own, recorder, token=token) as client:
        assert client.status(made.yb.package_id).state is BatchState.NOT_FOUND
        for package in (made.yb, made.kb):
            accepted = client.send(package)
            assert accepted.package_id == package.package_id and "işleme alındı" in accepted.text
            assert wait_for(client, package.package_id, BatchState.DONE).code == 0
        by_ledger = client.status(made.yb.package_id.replace("-YB-", "-Y-"))
        assert by_ledger.state is BatchState.DONE
        fetched = client.fetch(made.yb.package_id, tmp_path)
    assert fetched.file_name == f"GIB-{made.yb.package_id}.xml"
    assert approved_ok(fetched, made, pki)
    assert list(tmp_path.glob("gib-answer-*")) == []
    assert recorder.calls[:2] == ["getBatchStatus", "sendDocumentFile"]
    host, moment, round_trip_s = recorder.dates[0]
    assert host == "127.0.0.1" and abs((moment - datetime.now(UTC)).total_seconds()) < 60
    assert 0 < round_trip_s < 10


def test_the_simulators_counter_signature_verifies_with_xmlsec1(
    gib, pki, seal, month, tool, tmp_path
):
    made = month()
    with client_for(gib, pki, seal) as client:
        client.send(made.yb)
        wait_for(client, made.yb.package_id, BatchState.DONE)
        data = client.fetch(made.yb.package_id, tmp_path).data
    path = tmp_path / "approved.xml"
    ds = "http://www.w3.org/2000/09/xmldsig#"
    xades = "http://uri.etsi.org/01903/v1.3.2#"

    def verify(node: str) -> int:
        return subprocess.run(
            [tool("xmlsec1"), "--verify", "--trusted-pem", str(pki.folder / "root.pem"),
             "--untrusted-pem", str(pki.folder / "seal-ca.pem"),
             "--id-attr:Id", f"{ds}:SignatureValue", "--id-attr:Id", f"{xades}:SignedProperties",
             "--node-xpath", node, str(path)],
            capture_output=True,
        ).returncode  # fmt: skip

    taxpayer, authority = "/*/*[local-name()='Signature']", "//*[@Id='GIB-Onay']"
    path.write_bytes(data)
    assert verify(taxpayer) == 0 and verify(authority) == 0
    at = data.index(b'Id="GIB-Onay-SV">') + 20
    path.write_bytes(data[:at] + (b"A" if data[at : at + 1] != b"A" else b"B") + data[at + 1 :])
    assert verify(taxpayer) == 0 and verify(authority) != 0


def test_kebir_goes_along_only_up_to_2024(gib, pki, seal, month):
    old, new = month(period=Period(2024, 11)), month()
    assert len(old.kb.members) == 2 and len(new.kb.members) == 1
    with client_for(gib, pki, seal) as client:
        for made in (old, new):
            client.send(made.kb)
            assert wait_for(client, made.kb.package_id, BatchState.DONE).code == 0


def test_packages_are_the_same_bytes_each_time(month, tmp_path):
    made = month()
    again = build_package(
        made.signed[Kind.YB], made.signed[Kind.Y], tmp_path, kebir_upload_until="202412"
    )
    assert again.sha256 == made.yb.sha256
    with zipfile.ZipFile(again.path) as archive:
        infos = archive.infolist()
    assert [i.filename for i in infos] == sorted(i.filename for i in infos)
    assert {i.date_time for i in infos} == {(1980, 1, 1, 0, 0, 0)}


def test_deflate_is_deflate_whoever_compresses(month, tmp_path):
    """Other bytes, the same members; zipfile reads both."""
    made = month()
    one = made.yb
    fast = [
        build_package(
            made.signed[Kind.YB], made.signed[Kind.Y], _made(tmp_path / name),
            kebir_upload_until="", deflate="fast",
        )
        for name in ("one", "two")
    ]  # fmt: skip
    assert fast[0].sha256 == fast[1].sha256
    with zipfile.ZipFile(fast[0].path) as quick, zipfile.ZipFile(one.path) as small:
        assert quick.testzip() is None
        assert quick.namelist() == small.namelist()
        for name in small.namelist():
            assert quick.read(name) == small.read(name)
            assert quick.getinfo(name).CRC == small.getinfo(name).CRC
            assert quick.getinfo(name).flag_bits == small.getinfo(name).flag_bits


def test_a_kebir_that_stays_at_home_must_still_be_the_signed_one(month, tmp_path):
    made = month()
    kebir = made.signed[Kind.K]
    copy = tmp_path / kebir.file.path.name
    copy.write_bytes(kebir.file.path.read_bytes().replace(b"D<", b"C<", 1))
    changed = dataclasses.replace(kebir, file=dataclasses.replace(kebir.file, path=copy))
    with pytest.raises(PackageRefused):
        build_package(made.signed[Kind.KB], changed, tmp_path, kebir_upload_until="")
    assert not list(tmp_path.glob("*.zip"))


def _made(folder):
    folder.mkdir()
    return folder


def test_a_package_of_strange_files_is_not_built(month, tmp_path):
    one, other = month(), month()
    with pytest.raises(PackageRefused):
        build_package(one.signed[Kind.YB], other.signed[Kind.Y], tmp_path, kebir_upload_until="")
    path = one.signed[Kind.Y].file.path
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(PackageRefused):
        build_package(one.signed[Kind.YB], one.signed[Kind.Y], tmp_path, kebir_upload_until="")
    wrong = dataclasses.replace(other.signed[Kind.Y], signature_value="QUJD")
    with pytest.raises(PackageRefused):
        build_package(other.signed[Kind.YB], wrong, tmp_path, kebir_upload_until="")
    assert list(tmp_path.glob("*.zip")) == list(tmp_path.glob(".*")) == []


def repacked(package: Package, change, name: str = "") -> Package:
    """The package with members changed by `change(members: dict) -> dict`."""
    with zipfile.ZipFile(package.path) as archive:
        members = {i.filename: archive.read(i) for i in archive.infolist()}
    target = package.path.with_name(f"changed-{package.path.name}")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in change(members).items():
            archive.writestr(member, data)
    return dataclasses.replace(
        package, path=target, size_bytes=target.stat().st_size, sha256=sha256_file(target),
        name=DocumentName.parse(name) if name else package.name,
    )  # fmt: skip


def replaced(kind: str, old: bytes, new: bytes):
    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        name = next(n for n in members if f"-{kind}-" in n)
        assert old in members[name]
        return {**members, name: members[name].replace(old, new, 1)}

    return change


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (replaced("Y", b">120.00<", b">121.00<"), "özet"),
        (replaced("YB", b">20.00<", b">21.00<"), "özet"),
        (replaced("Y", b"yevmiye.xslt", b"Yevmiye.xslt"), "özet"),
        (replaced("YB", b"<edefter:berat", b"<edefter:berat "), None),
        (replaced("Y", b"</edefter:defter>", b"</edefter:defter"), "XML"),
        (replaced("Y", b"?>", b'?><!DOCTYPE a [<!ENTITY b "c">]>'), "DOCTYPE"),
    ],
)
def test_changed_documents_are_found_out_by_the_simulator(gib, pki, seal, month, change, word):
    made = month()
    package = repacked(made.yb, change)
    with client_for(gib, pki, seal) as client:
        client.send(package)
        if word is None:  # white space inside a tag is no change of the signed form
            assert wait_for(client, package.package_id, BatchState.DONE)
            return
        status = wait_for(client, package.package_id, BatchState.REJECTED)
    assert word in status.text and status.text.startswith("Paket işlenirken hata oluştu")
    assert status.code == -1


def test_documents_of_another_month_or_signer_are_found_out(gib, pki, seal, stranger_seal, month):
    one, other, foreign = month(), month(), month(stranger_seal)
    swapped = repacked(
        one.yb,
        lambda m: {
            n: m[n] if "-YB-" in n else other.signed[Kind.Y].file.path.read_bytes() for n in m
        },
    )
    with client_for(gib, pki, seal) as client:
        client.send(swapped)
        text = wait_for(client, one.yb.package_id, BatchState.REJECTED).text
        assert "dönem" in text
        client.send(foreign.yb)
        text = wait_for(client, foreign.yb.package_id, BatchState.REJECTED).text
        assert "imza sahibi yetkili değil" in text
        gib.set_knobs(consents={VKN: [STRANGER]}, berat_delay_s=0, ledger_delay_s=0)
        client.send(foreign.yb)
        assert wait_for(client, foreign.yb.package_id, BatchState.DONE)


def test_the_client_refuses_bad_packages_before_anything_is_sent(gib, pki, seal, month):
    made = month()
    before = len(gib.received())
    extra = repacked(made.yb, lambda m: {**m, "fazla.txt": b"x"})
    missing = repacked(made.yb, lambda m: {n: m[n] for n in m if "-YB-" in n})
    renamed = repacked(made.yb, lambda m: m, name=made.yb.package_id.replace(VKN, "1234567891"))
    kebir = repacked(made.kb, lambda m: {**m, "a/": b""})
    garbage = dataclasses.replace(made.kb, path=made.kb.path.with_suffix(".bad"))
    garbage.path.write_bytes(b"no zip")
    garbage = dataclasses.replace(garbage, size_bytes=6, sha256=sha256_file(garbage.path))
    edited = dataclasses.replace(made.kb, sha256="0" * 64)
    with client_for(gib, pki, seal) as client:
        for package in (extra, missing, renamed, kebir, garbage, edited):
            with pytest.raises(PackageRefused) as caught:
                client.send(package)
            assert caught.value.text("tr") and caught.value.remedy("tr")
    with client_for(gib, pki, seal, max_package_bytes=100) as client, pytest.raises(PackageRefused):
        client.send(made.yb)
    assert len(gib.received()) == before


@pytest.mark.parametrize(
    ("package", "code"),
    [
        ("1234567891-202601-YB-000000", 108),
        (f"{VKN}-202601-Y-000000", 108),
        (f"{VKN}-202601-YB-000000-0000", 108),
        (f"{STRANGER}-202601-YB-000000", 109),
    ],
)
def test_names_are_checked_by_the_simulator_too(gib, pki, seal, month, package, code, monkeypatch):
    monkeypatch.setattr("edefter.gib.client.check_package", lambda *a, **k: None)
    made = month()

    class Named:
        zip = f"{package}.zip"
        package_id = package

    odd = dataclasses.replace(made.yb, name=Named())
    with client_for(gib, pki, seal) as client, pytest.raises(GibFault) as caught:
        client.send(odd)
    assert caught.value.code == code


def test_one_success_per_id_and_the_newest_counts(gib, pki, seal, month):
    made = month()
    bad = repacked(made.yb, replaced("Y", b">120.00<", b">121.00<"))
    with client_for(gib, pki, seal) as client:
        client.send(bad)
        wait_for(client, made.yb.package_id, BatchState.REJECTED)
        client.send(made.yb)
        wait_for(client, made.yb.package_id, BatchState.DONE)
        for package in (made.yb, bad):
            with pytest.raises(GibFault) as caught:
                client.send(package)
            assert caught.value.code == 111
        gib.set_knobs(deleted=[made.yb.package_id], berat_delay_s=0, ledger_delay_s=0)
        assert client.status(made.yb.package_id).state is BatchState.NOT_FOUND
        client.send(made.yb)
        wait_for(client, made.yb.package_id, BatchState.DONE)


def test_only_taxpayer_and_sender_may_ask(gib, pki, seal, stranger_seal, month, tmp_path):
    made = month()
    with client_for(gib, pki, seal) as client, client_for(gib, pki, stranger_seal) as stranger:
        client.send(made.yb)
        wait_for(client, made.yb.package_id, BatchState.DONE)
        with pytest.raises(GibFault) as asked:
            stranger.status(made.yb.package_id)
        with pytest.raises(GibFault) as fetched:
            stranger.fetch(made.yb.package_id, tmp_path)
    assert (asked.value.code, fetched.value.code) == (305, 205)


def test_a_restart_keeps_everything(pki, seal, month, tmp_path):
    made = month()
    simulator = Simulator("edefter.sandbox.gib", tmp_path / "own", "--pki", str(pki.folder))
    with simulator, client_for(simulator, pki, seal) as client:
        client.send(made.yb)
    with simulator.start(), client_for(simulator, pki, seal) as client:
        wait_for(client, made.yb.package_id, BatchState.DONE)
        with pytest.raises(GibFault) as caught:
            client.send(made.yb)
        assert caught.value.code == 111
    assert [r["verdict"] for r in simulator.received()].count("accepted") == 1


def test_two_stages_are_seen_one_after_the_other(gib, pki, seal, month):
    made = month()
    gib.set_knobs(berat_delay_s=0, ledger_delay_s=60)
    with client_for(gib, pki, seal) as client:
        client.send(made.yb)
        client.send(made.kb)
        assert wait_for(client, made.kb.package_id, BatchState.DONE)
        status = client.status(made.yb.package_id)
        while status.code == 1:
            status = client.status(made.yb.package_id)
        assert (status.code, status.state) == (2, BatchState.PENDING)
        gib.set_knobs(berat_delay_s=0, ledger_delay_s=60, zero_with_pending=True)
        status = client.status(made.yb.package_id)
        assert (status.code, status.state) == (0, BatchState.PENDING)
        with pytest.raises(GibFault) as caught:
            client.fetch(made.yb.package_id, made.yb.path.parent)
        assert caught.value.code == 204


def test_the_served_wsdl_is_usable_and_names_this_server(gib, pki):
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(pki.folder / "tls-root.pem")
        text = session.get(gib.facts["url"] + "/edefter.wsdl").content
        assert session.get(gib.facts["url"] + "?wsdl").content == text
    client = zeep.Client(io.BytesIO(text))
    binding = client.wsdl.services["EDefterWsService"].ports["EDefterWsPort"]
    assert binding.binding_options["address"] == gib.facts["url"]
    assert set(binding.binding._operations) == {
        "sendDocumentFile", "receiveDocumentFile", "getBatchStatus",
    }  # fmt: skip


@pytest.mark.parametrize(("name", "works"), [("PaketID", True), ("paketID", False)])
def test_the_parameter_name_is_a_setting(gib, pki, seal, name, works):
    gib.set_knobs(paket_id="PaketID")
    package_id = f"{VKN}-202401-YB-000000"
    with client_for(gib, pki, seal, package_id_parameter=name) as client:
        if works:
            assert client.status(package_id).state is BatchState.NOT_FOUND
        else:
            with pytest.raises(GibFault) as caught:
                client.status(package_id)
            assert caught.value.code is None


def test_a_large_package_streams(gib, pki, seal, month, monkeypatch):
    """The file is never read whole: 20 MB go out while the client holds little of it."""
    monkeypatch.setattr("edefter.gib.client.check_package", lambda *a, **k: None)
    made = month()
    large = made.yb.path.with_name("large.zip")
    shutil.copy(made.yb.path, large)
    with large.open("ab") as sink:
        sink.write(os.urandom(20_000_000))
    package = dataclasses.replace(
        made.yb, path=large, size_bytes=large.stat().st_size, sha256=sha256_file(large)
    )
    with client_for(gib, pki, seal) as client:
        client.status(package.package_id)
        tracemalloc.start()
        try:
            client.send(package)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 5_000_000
    sent = [r for r in gib.received() if r["package_id"] == package.package_id and r["sha256"]]
    assert [r["sha256"] for r in sent] == [package.sha256]


def test_the_client_is_an_authority(gib, pki, seal):
    def needs(authority: Authority) -> Authority:
        return authority

    with client_for(gib, pki, seal) as client:
        assert isinstance(needs(client), GibClient)


def test_a_month_is_whole_or_in_parts(gib, pki, seal, month, tmp_path):
    made = month()
    parts = build_month(tmp_path / "parts", seal, period=made.yb.name.period, part="000001")
    with client_for(gib, pki, seal) as client:
        client.send(made.yb)
        wait_for(client, made.yb.package_id, BatchState.DONE)
        client.send(parts.yb)
        text = wait_for(client, parts.yb.package_id, BatchState.REJECTED).text
    assert "000000 ve 000001" in text


def test_an_unbalanced_yevmiye_is_found_out(gib, pki, seal, month, tmp_path):
    """Signed well, written well, and still wrong: the simulator has rules of its own."""
    made = month()
    odd = build_month(
        tmp_path / "odd", seal, period=made.yb.name.period, first_debit=Decimal("121.00")
    )
    with client_for(gib, pki, seal) as client:
        client.send(odd.yb)
        text = wait_for(client, odd.yb.package_id, BatchState.REJECTED).text
    assert "1. madde dengede değil" in text
