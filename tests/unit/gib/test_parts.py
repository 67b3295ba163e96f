"""Attachment, payload, pace and environment."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

import pytest

from edefter.errors import ConfigError
from edefter.gib.attachment import MAX_XML_BYTES, UnusableAttachment, unpack
from edefter.gib.environment import check_seal, checked_host
from edefter.gib.errors import EnvironmentMixed
from edefter.gib.pace import Pace
from edefter.gib.package import expected_members
from edefter.gib.payload import FilePayload, OutgoingMessage
from edefter.model.documents import DocumentName, Kind
from edefter.model.environment import Environment

NAME = "GIB-1234567808-202601-YB-000000.xml"


def zipped(*members: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return target.getvalue()


def test_zip_and_bare_xml_give_the_same_document():
    assert unpack("GIB-x.zip", zipped((NAME, b"<a/>"))) == (NAME, b"<a/>")
    assert unpack(NAME, b"\xef\xbb\xbf<a/>") == (NAME, b"\xef\xbb\xbf<a/>")
    assert unpack("GIB-x.zip", b"<a/>")[0] == "GIB-x.xml"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        zipped(),
        zipped((NAME, b"")),
        zipped((NAME, b"<a/>"), ("b.xml", b"<b/>")),
        zipped(("../" + NAME, b"<a/>")),
        zipped(("C:\\" + NAME, b"<a/>")),
        zipped(("ş.xml", b"<a/>")),
        zipped(("a.exe", b"<a/>")),
        zipped((NAME, b"<a/>"))[:-30],
        b"bu bir berat degil",
    ],
)
def test_unusable_attachments(data):
    with pytest.raises(UnusableAttachment):
        unpack(NAME, data)


def test_a_bomb_is_refused_by_what_is_read_not_by_what_is_declared():
    bomb = zipped((NAME, b"<" + b" " * (MAX_XML_BYTES + 1)))
    assert len(bomb) < 100_000
    with pytest.raises(UnusableAttachment, match="too large"):
        unpack(NAME, bomb)
    lying = bomb.replace((MAX_XML_BYTES + 2).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != bomb
    with pytest.raises(UnusableAttachment):
        unpack(NAME, lying)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 3 * (1 << 16), 3 * (1 << 16) + 1])
def test_a_streamed_message_is_the_message(tmp_path: Path, size):
    path = tmp_path / "p"
    path.write_bytes(bytes(i % 251 for i in range(size)))
    payload = FilePayload(path, size)
    marked = b"<a>" + payload.mark + b"</a>"
    message = OutgoingMessage(marked, payload)
    assert not message.started
    sent = b"".join(message)
    assert sent == b"<a>" + base64.b64encode(path.read_bytes()) + b"</a>"
    assert message.started and len(message) == len(sent)


def test_the_mark_must_stand_exactly_once(tmp_path: Path):
    payload = FilePayload(tmp_path / "p", 0)
    for marked in (b"<a/>", payload.mark * 2):
        with pytest.raises(ValueError, match="exactly once"):
            list(payload.spliced(marked))


def test_pace_keeps_calls_apart_and_obeys_retry_after():
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    pace = Pace(1.0, lambda: now[0], sleep)
    assert pace.wait() == 0 and slept == []
    assert pace.wait() == 0 and slept == [1.0]
    pace.hold(20)
    assert pace.wait() == 0 and slept == [1.0, 20.0]
    pace.hold(3600)
    assert pace.wait() == 3600 and len(slept) == 2


@pytest.mark.parametrize(
    ("url", "environment", "allowed"),
    [
        ("https://edefter.gib.gov.tr", Environment.PRODUCTION, True),
        ("https://uyg.edefter.gov.tr/", Environment.PRODUCTION, True),
        ("https://edeftertest.gib.gov.tr", Environment.PRODUCTION, False),
        ("https://edeftertest.gib.gov.tr", Environment.TEST, True),
        ("https://EDEFTER.gib.gov.tr.", Environment.TEST, False),
        ("https://edefter.gib.gov.tr", Environment.SANDBOX, False),
        ("https://127.0.0.1:8443", Environment.SANDBOX, True),
    ],
)
def test_hosts_belong_to_environments(url, environment, allowed):
    if allowed:
        assert checked_host(url, environment)
    else:
        with pytest.raises(EnvironmentMixed):
            checked_host(url, environment)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1", "https://", "https://u:geheim@h", "https://h/p", "https://h:99999"]
)
def test_addresses_without_tls_or_with_more_than_a_host_are_refused(url):
    with pytest.raises(ConfigError) as caught:
        checked_host(url, Environment.SANDBOX)
    assert "geheim" not in str(caught.value)


def test_seals_belong_to_environments(pki):
    marked = pki.issue_seal("1234567808", "Şişe", label="marked").certificate
    real = pki.issue_seal("1234567808", "Şişe", marked=False, label="unmarked").certificate
    check_seal(marked, Environment.SANDBOX)
    check_seal(real, Environment.PRODUCTION)
    for certificate, environment in (
        (marked, Environment.PRODUCTION), (marked, Environment.TEST), (real, Environment.SANDBOX),
    ):  # fmt: skip
        with pytest.raises(EnvironmentMixed):
            check_seal(certificate, environment)


@pytest.mark.parametrize(
    ("package", "kinds"),
    [
        ("1234567808-202601-YB-000000", [Kind.YB, Kind.Y]),
        ("1234567808-202412-KB-000001-0002", [Kind.KB, Kind.K]),
        ("1234567808-202501-KB-000000", [Kind.KB]),
        ("1234567808-202601-EB-000000", [Kind.EB, Kind.E]),
        ("1234567808-202601-DR-000000", [Kind.DR]),
    ],
)
def test_members_by_period(package, kinds):
    name = DocumentName.parse(package)
    members = expected_members(name, "202412")
    assert [m.kind for m in members] == kinds
    assert {(m.part, m.branch) for m in members} == {(name.part, name.branch)}


@pytest.mark.parametrize("name", ["1234567808-202601-Y-000000", NAME])
def test_no_package_is_named_like_that(name):
    with pytest.raises(ValueError, match="no package"):
        expected_members(DocumentName.parse(name), "202412")
