"""Second places: a real SFTP server (OpenSSH) and a real S3 server (Ceph) beside the portal."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import absent
from tests.support import ceph, sshd
from tests.support.archives import tree_of
from tests.support.ceph import ACCESS_KEY, SECRET_KEY, Gateway
from tests.support.office import Office
from tests.support.sshd import SftpServer


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    """Ceph's S3 gateway."""
    if ceph.missing():
        absent(f"a real S3 server ({', '.join(ceph.missing())}; Debian package radosgw)")
    # Paths of its sockets must be short.
    with tempfile.TemporaryDirectory(prefix="s3-") as name, Gateway(Path(name)) as running:
        yield running


@pytest.fixture
def sftp(tmp_path: Path) -> Iterator[SftpServer]:
    """OpenSSH's SFTP server."""
    if sshd.missing():
        absent("an SFTP server (Debian package openssh-server)")
    with SftpServer(tmp_path / "sshd") as running:
        yield running


def _configured(office: Office, name: str, **settings: object) -> None:
    """Add a second place to an office's configuration."""
    lines = [f"\n[places.{name}]"]
    for key, value in settings.items():
        shown = f'"{value}"' if isinstance(value, str | Path) else value
        lines.append(f"{key} = {shown}")
    with office.config.open("a", encoding="utf-8") as config:
        config.write("\n".join(lines) + "\n")


def _nas(office: Office, server: SftpServer, **changes: object) -> None:
    settings = {
        "kind": "sftp", "country": "TR", "host": "127.0.0.1", "port": server.port,
        "user": server.user, "key": server.key, "known_hosts": server.known_hosts,
    }  # fmt: skip
    _configured(office, "nas", **{**settings, **changes})


def _bucket(office: Office, gateway: Gateway, name: str, **changes: object) -> None:
    for kind, secret in (("access", ACCESS_KEY), ("secret", SECRET_KEY)):
        path = office.folder / f"s3-{kind}"
        path.write_text(secret, encoding="ascii")
        path.chmod(0o600)
    settings = {
        "kind": "s3", "country": "TR", "endpoint": gateway.endpoint, "bucket": name,
        "ca_bundle": gateway.certificate,
        "access_key.file": office.folder / "s3-access",
        "secret_key.file": office.folder / "s3-secret",
    }  # fmt: skip
    _configured(office, "kova", **{**settings, **changes})


def _s3(gateway: Gateway):
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3", endpoint_url=gateway.endpoint, aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY, region_name="us-east-1", verify=str(gateway.certificate),
        config=Config(
            s3={"addressing_style": "path"}, request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )  # fmt: skip


def _copies(office: Office) -> dict[str, str]:
    """Rule by file of what the proof of second copies found."""
    answer = office.edefter("archive", "prove", "--json", "--percent", "100")
    assert answer.code in (0, 6), answer.err
    proofs = [p for p in answer.json[0]["proofs"] if p["name"] == "copies"]
    assert len(proofs) == 1 and proofs[0]["checked"]
    return {Path(f["file"]).name: f["rule"] for f in proofs[0]["findings"]}


def _copy(office: Office, code: int = 0) -> dict:
    answer = office.edefter("archive", "copy", "--json")
    assert answer.code == code, answer.out + answer.err
    (done,) = answer.json
    return done


def _closes(office: Office, period: str = "2026-01") -> str:
    answer = office.run(period)
    assert answer.code == 0, answer.out + answer.err
    return answer.out + answer.err


def _rebuilds(office: Office, place: str, target: Path) -> None:
    """The whole tree from the second place alone; the portal is not asked."""
    office.world.portal.set_knobs(internal_500=True)
    answer = office.edefter("archive", "restore", "--to", str(target), "--from", place, "--json")
    office.world.portal.set_knobs()
    assert answer.code == 0, answer.out + answer.err
    assert tree_of(target) == tree_of(office.archive)
    assert {item["origin"] for item in answer.json[0]["restored"]} <= {place, "shipped"}
    assert office.edefter("verify", str(target)).code == 0


def test_a_folder_from_the_month_to_the_rebuilttree_of(office: Office, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    _configured(office, "kasa", kind="folder", country="TR", folder=disk)
    assert "ulaşılamıyor" in _closes(office), "a disk that is not mounted is no empty one"
    disk.mkdir()
    assert len(_copy(office)["put"]) > 20
    assert _copies(office) == {}
    _rebuilds(office, "kasa", tmp_path / "new")
    ledger = next(disk.rglob("*-Y-000000.xml.*"))
    content = ledger.read_bytes()
    ledger.chmod(0o600)
    ledger.write_bytes(content[:-1])
    assert _copies(office) == {ledger.name: "ARC-61"}
    refused = office.edefter("archive", "copy")
    assert refused.code == 6 and "üzerine yazılmadı" in refused.err
    office.write_config()
    _configured(office, "kasa", kind="folder", country="TR", folder="kasa")
    assert office.edefter("archive", "copy").code == 2


def test_sftp_from_the_month_to_the_rebuilttree_of(
    office: Office, sftp: SftpServer, tmp_path: Path
) -> None:
    _nas(office, sftp)
    _closes(office)
    files = [path for path in sftp.files.rglob("*") if path.is_file()]
    for path in files:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name[-64:]
        assert path.stat().st_mode & 0o777 == 0o444
    assert {hashlib.sha256(data).hexdigest() for data in tree_of(office.archive).values()} <= {
        path.name[-64:] for path in files
    }
    done = _copy(office)
    assert done["put"] == [] and done["present"] == len(files)
    assert _copies(office) == {}
    _rebuilds(office, "nas", tmp_path / "new")

    lost, spoiled = sorted(path for path in files if path.name.startswith(office.tax_number))[:2]
    lost.unlink()
    spoiled.chmod(0o600)
    spoiled.write_bytes(spoiled.read_bytes()[::-1])
    assert _copies(office) == {lost.name: "ARC-61", spoiled.name: "ARC-62"}
    assert [Path(path).name for path in _copy(office)["put"]] == [lost.name]
    assert _copies(office) == {spoiled.name: "ARC-62"}


def test_sftp_goes_on_where_it_was_cut(office: Office, sftp: SftpServer) -> None:
    _closes(office)
    _nas(office, sftp)
    first = _copy(office)
    ledger = next(path for path in sftp.files.rglob("*-Y-000000.xml.*"))
    content = ledger.read_bytes()
    for begun in (content[:5000], b"not what it was", content + b"longer"):
        ledger.unlink()
        half = ledger.with_name(f".{ledger.name}.part-tmp")
        half.write_bytes(begun)
        done = _copy(office)
        assert len(done["put"]) == 1 and done["present"] == len(first["put"]) - 1
        assert ledger.read_bytes() == content and not half.exists()


def test_an_sftp_server_that_is_not_the_known_one(
    office: Office, sftp: SftpServer, tmp_path: Path
) -> None:
    _closes(office)
    other = tmp_path / "other"
    sftp.make_key(other)
    kind, key = other.with_suffix(".pub").read_text(encoding="ascii").split()[:2]
    sftp.known_hosts.write_text(f"[127.0.0.1]:{sftp.port} {kind} {key}\n", encoding="ascii")
    _nas(office, sftp)
    refused = office.edefter("archive", "copy")
    assert refused.code == 2 and "known_hosts" in refused.err
    sftp.known_hosts.write_text("", encoding="ascii")
    unknown = office.edefter("archive", "copy", lang="en")
    assert unknown.code == 2 and "not found in known_hosts" in unknown.err
    assert not list(sftp.files.rglob("*"))


def test_a_key_that_is_not_accepted_and_a_server_that_is_away(
    office: Office, sftp: SftpServer, tmp_path: Path
) -> None:
    sftp.make_key(tmp_path / "stranger")
    _nas(office, sftp, key=tmp_path / "stranger")
    # The month closes all the same; what is missing is told.
    assert "ikinci kopya yerine (nas) konamadı" in _closes(office)
    assert office.edefter("archive", "copy").code == 2
    office.write_config()
    _nas(office, sftp)
    sftp.stop()
    away = office.edefter("archive", "copy")
    assert away.code == 3 and "ulaşılamıyor" in away.err
    unproven = office.edefter("archive", "prove")
    assert unproven.code == 6 and "ARC-63" in unproven.err
    assert "Makbuz zinciri: 8 denetlendi, sorun yok" in unproven.out, (
        "the others speak all the same"
    )
    sftp.start()
    assert len(_copy(office)["put"]) > 20


def test_a_country_must_be_declared(office: Office, sftp: SftpServer) -> None:
    _closes(office)
    _nas(office, sftp, country="")
    refused = office.edefter("archive", "copy")
    assert refused.code == 2 and "hukuk" in refused.err
    assert not list(sftp.files.rglob("*"))
    office.write_config()
    _nas(office, sftp, country="DE")
    abroad = office.edefter("archive", "copy", lang="en")
    assert abroad.code == 0 and "ask counsel" in abroad.out + abroad.err


def test_encrypted_copies_that_any_age_program_opens(
    office: Office, sftp: SftpServer, tmp_path: Path, tool: Callable[..., str]
) -> None:
    age, keygen = tool("age"), tool("age-keygen", "age")
    made = subprocess.run([keygen], capture_output=True, text=True, check=True).stdout.splitlines()
    identity = office.folder / "identity"
    identity.write_text(next(x for x in made if x.startswith("AGE-SECRET")), encoding="ascii")
    identity.chmod(0o600)
    recipient = next(x for x in made if "public key" in x).split()[-1]
    _nas(office, sftp, encrypt_to=[recipient])
    _closes(office)
    files = [path for path in sftp.files.rglob("*") if path.is_file()]
    plain = {hashlib.sha256(data).hexdigest() for data in tree_of(office.archive).values()}
    for path in files:
        assert path.suffix == ".age" and path.read_bytes().startswith(b"age-encryption.org/v1")
    (ledger,) = [path for path in files if "-Y-000000.xml" in path.name]
    opened = subprocess.run(
        [age, "-d", "-i", str(identity), str(ledger)], capture_output=True, check=True
    )
    assert hashlib.sha256(opened.stdout).hexdigest() == ledger.name.split(".")[-2]
    assert plain <= {path.name.split(".")[-2] for path in files}
    assert _copies(office) == {}, "proven without the identity"
    assert _copy(office)["put"] == []

    # What lies there in its place is not taken for it, by the proof nor by a new copy.
    real = ledger.read_bytes()
    ledger.chmod(0o600)
    ledger.write_bytes(real + b"x")
    assert _copies(office) == {ledger.name: "ARC-61"}
    laundered = office.edefter("archive", "copy")
    assert laundered.code == 6 and "üzerine yazılmadı" in laundered.err
    ledger.write_bytes(real)
    assert _copies(office) == {}

    keyless = office.edefter("archive", "restore", "--to", str(tmp_path / "no"), "--from", "nas")
    assert keyless.code == 2 and "identity" in keyless.err
    office.write_config()
    _nas(office, sftp, **{"encrypt_to": [recipient], "identity.file": identity})
    _rebuilds(office, "nas", tmp_path / "new")
    shutil.copy(ledger, office.folder / "kept")
    ledger.chmod(0o600)
    ledger.write_bytes(ledger.read_bytes()[:-1] + b"x")
    damaged = office.edefter("archive", "restore", "--to", str(tmp_path / "bad"), "--from", "nas")
    assert damaged.code == 6
    assert "AGE-SECRET" not in damaged.out + damaged.err


def test_s3_with_object_lock(office: Office, gateway: Gateway, tmp_path: Path) -> None:
    client = _s3(gateway)
    bucket = f"kilitli-{office.tax_number}"
    client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    _bucket(office, gateway, bucket)
    _closes(office)
    rows = client.list_objects_v2(Bucket=bucket)["Contents"]
    plain = {hashlib.sha256(data).hexdigest() for data in tree_of(office.archive).values()}
    assert plain <= {row["Key"][-64:] for row in rows}
    head = client.head_object(Bucket=bucket, Key=rows[0]["Key"])
    assert head["ObjectLockMode"] == "COMPLIANCE"
    assert head["ObjectLockRetainUntilDate"].isoformat() == "2036-12-31T23:59:59+00:00"
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        client.delete_object(Bucket=bucket, Key=rows[0]["Key"], VersionId=head["VersionId"])
    assert _copies(office) == {}
    assert _copy(office)["put"] == []
    _rebuilds(office, "kova", tmp_path / "new")

    # Whoever has the credentials can hide an object behind a marker: it is missed, and put again.
    ledger = next(row["Key"] for row in rows if "-Y-000000.xml." in row["Key"])
    client.delete_object(Bucket=bucket, Key=ledger)
    assert _copies(office) == {Path(ledger).name: "ARC-61"}
    assert [Path(path).name for path in _copy(office)["put"]] == [Path(ledger).name]
    assert _copies(office) == {}
    client.put_object(Bucket=bucket, Key=ledger, Body=b"another")
    assert _copies(office) == {Path(ledger).name: "ARC-61"}
    refused = office.edefter("archive", "copy")
    assert refused.code == 6 and "üzerine yazılmadı" in refused.err


def test_s3_that_must_not_be_used(office: Office, gateway: Gateway) -> None:
    _closes(office)
    client = _s3(gateway)
    bucket = f"acik-{office.tax_number}"
    client.create_bucket(Bucket=bucket)
    cases: list[tuple[dict[str, object], str, int]] = [
        ({}, "object lock", 2),
        ({"endpoint": gateway.endpoint.replace("https", "http")}, "TLS", 2),
        ({"bucket": f"yok-{office.tax_number}"}, "NoSuchBucket", 2),
        ({"access_key.file": office.folder / "s3-secret"}, "InvalidAccessKeyId", 2),
        ({"ca_bundle": office.folder / "edefter.toml"}, "ulaşılamıyor", 3),
    ]
    for changes, words, code in cases:
        office.write_config()
        _bucket(office, gateway, bucket, **changes)
        refused = office.edefter("archive", "copy")
        assert refused.code == code and words in refused.err, (changes, refused.err)
        assert SECRET_KEY not in refused.out + refused.err
    assert "Contents" not in client.list_objects_v2(Bucket=bucket)
    office.write_config()
    _bucket(office, gateway, bucket, lock="none")
    assert len(_copy(office)["put"]) > 20


def test_s3_that_says_nothing(office: Office, gateway: Gateway) -> None:
    _closes(office)
    _bucket(office, gateway, "yok", lock="none", connect_timeout_s=0.5, progress_timeout_s=0.5)
    gateway.pause()
    try:
        silent = office.edefter("archive", "copy")
    finally:
        gateway.go_on()
    assert silent.code == 3 and "ulaşılamıyor" in silent.err
