"""Which certificates may be taken in as anchors, and from where they are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edefter.config.settings import Settings
from edefter.errors import ConfigError
from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.pki.certificates import build, new_key, signed_with_sha1, subject_name
from edefter.trust.anchors import anchors_of, import_anchor
from edefter.xmlsig.certificate import fingerprint

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


def authority(**changes: Any) -> x509.Certificate:
    """A self-made root as a real one would look: without the sandbox marker."""
    key = changes.pop("key", None) or new_key("ec")
    options = {"ca": True, "marked": False, "not_before": NOW - DAY, "not_after": NOW + 30 * DAY}
    return build(
        subject_name("Gerçek Gibi Kök – Sürüm 9"), key, None, key, **{**options, **changes}
    )


def settings(tmp_path: Path, environment: str = "production", **more: Any) -> Settings:
    raw = {"environment": environment, "data_dir": tmp_path / "data", **more}
    return Settings.model_validate(raw)


def take_in(certificate: x509.Certificate, config: Settings, tmp_path: Path, **options: Any) -> Any:
    file = tmp_path / "verilen.crt"
    file.write_bytes(certificate.public_bytes(options.pop("encoding", Encoding.DER)))
    wanted = options.pop("sha256", fingerprint(certificate))
    return import_anchor(file, wanted, config, now=NOW, **options)


@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
def test_what_is_taken_in_is_believed_from_then_on(tmp_path: Path, encoding: Encoding) -> None:
    root, config = authority(), settings(tmp_path)
    assert anchors_of(config) == (), "production ships without anchors"
    shown = ":".join(fingerprint(root)[i : i + 2].upper() for i in range(0, 64, 2))
    done = take_in(root, config, tmp_path, encoding=encoding, sha256=shown)
    assert done.new
    assert done.path.parent == tmp_path / "data" / "anchors" / "production"
    assert done.path.name.startswith("gercek-gibi-kok-surum-9-")
    assert anchors_of(config) == (root,)
    assert not take_in(root, config, tmp_path).new
    assert anchors_of(settings(tmp_path, "test")) == (), "environments do not mix"


def test_a_configured_folder_stands_alone(tmp_path: Path) -> None:
    root, other = authority(), authority()
    take_in(root, settings(tmp_path), tmp_path)
    own = settings(tmp_path, trust_anchors=tmp_path / "own")
    assert anchors_of(own) == ()
    assert take_in(other, own, tmp_path).path.parent == tmp_path / "own"
    assert anchors_of(own) == (other,)


def test_the_fingerprint_decides(tmp_path: Path) -> None:
    root, other, config = authority(), authority(), settings(tmp_path)
    for sha256, key in (
        (fingerprint(other), "trust.import_other_fingerprint"),
        (fingerprint(root)[:40], "trust.import_fingerprint_form"),  # SHA-1 length
        ("", "trust.import_fingerprint_form"),
        ("g" * 64, "trust.import_fingerprint_form"),
    ):
        with pytest.raises(ConfigError) as refused:
            take_in(root, config, tmp_path, sha256=sha256)
        assert refused.value.key == key
    assert anchors_of(config) == ()


def test_unfit_certificates(tmp_path: Path, pki: SandboxPki) -> None:
    config, sandbox = settings(tmp_path), settings(tmp_path, "sandbox")
    ec_key = new_key("ec")
    sha1 = signed_with_sha1(
        build(
            subject_name("ara"), new_key("ec"), authority(key=ec_key), ec_key, ca=True,
            marked=False, not_before=NOW - DAY, not_after=NOW + DAY,
        ),
        ec_key,  # type: ignore[arg-type]
    )  # fmt: skip
    for certificate, where, key in (
        (pki.root, config, "import_sandbox_only"),
        (pki.root, settings(tmp_path, "test"), "import_sandbox_only"),
        (authority(), sandbox, "import_real_in_sandbox"),
        (authority(ca=False), config, "import_no_ca"),
        (pki.issue_seal("1234567808", "Şişe", marked=False).certificate, config, "import_no_ca"),
        (authority(not_after=NOW - timedelta(hours=1)), config, "import_expired"),
        (authority(not_before=NOW + DAY), config, "import_not_yet_valid"),
        (authority(key=new_key("rsa", 1024)), config, "import_weak"),
        (sha1, config, "import_weak"),
    ):
        with pytest.raises(ConfigError) as refused:
            take_in(certificate, where, tmp_path)
        assert refused.value.key == f"trust.{key}"
        assert anchors_of(where) == ()
        assert refused.value.remedy("tr")
        assert refused.value.remedy("en")
    assert take_in(pki.root, sandbox, tmp_path).new
    old = authority(not_after=NOW - timedelta(hours=1))
    assert take_in(old, config, tmp_path, expired=True).new


@pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----", b"0\x82", b"x" * 70_000])
def test_files_that_are_no_certificate(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.crt"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match="import_unreadable"):
        import_anchor(file, "0" * 64, settings(tmp_path), now=NOW)
    with pytest.raises(ConfigError, match="import_unreadable"):
        import_anchor(tmp_path / "none.crt", "0" * 64, settings(tmp_path), now=NOW)


def test_one_file_one_certificate(tmp_path: Path) -> None:
    """A bundle would slip in what no fingerprint was given for."""
    root, other = authority(), authority()
    file = tmp_path / "bundle.pem"
    file.write_bytes(root.public_bytes(Encoding.PEM) + other.public_bytes(Encoding.PEM))
    with pytest.raises(ConfigError, match="import_unreadable"):
        import_anchor(file, fingerprint(root), settings(tmp_path), now=NOW)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("a file where the folder should be")
    config = settings(tmp_path, trust_anchors=tmp_path / "own")
    with pytest.raises(ConfigError, match="import_not_written"):
        take_in(authority(), config, tmp_path)
