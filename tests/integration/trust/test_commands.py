"""`edefter trust`, and production without anchors, as an operator meets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from edefter import __version__
from edefter.sandbox.pki.certificates import build, new_key, subject_name
from edefter.xmlsig.certificate import fingerprint

CONFIG = f"""
environment = "production"
[application]
vendor_tax_number = "1234567808"
vendor_title = "Örnek Yazılım"
approved_version = "{__version__}"
"""


def edefter(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    config = str(folder / "edefter.toml")
    return subprocess.run(
        [sys.executable, "-m", "edefter", "--lang", "en", "-c", config, *words],
        capture_output=True, text=True, check=False, cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip


def test_production_refuses_until_an_anchor_was_taken_in(tmp_path: Path) -> None:
    (tmp_path / "edefter.toml").write_text(CONFIG, encoding="utf-8")
    refused = edefter(tmp_path, "run", "2026-01")
    assert refused.returncode == 2
    assert "trust import" in refused.stderr, refused.stderr
    assert "trust_anchors" in refused.stderr

    key, now = new_key("ec"), datetime.now(UTC)
    root = build(
        subject_name("Sözde Kök"), key, None, key, ca=True, marked=False,
        not_before=now - timedelta(days=1), not_after=now + timedelta(days=900),
    )  # fmt: skip
    file = tmp_path / "kok.crt"
    file.write_bytes(root.public_bytes(Encoding.DER))
    wrong = edefter(tmp_path, "trust", "import", str(file), "--sha256", "0" * 64)
    assert wrong.returncode == 2
    assert "Do NOT accept" in wrong.stderr
    assert list(tmp_path.rglob("*.pem")) == []

    taken = edefter(tmp_path, "trust", "import", str(file), "--sha256", fingerprint(root))
    assert taken.returncode == 0, taken.stderr
    [row] = json.loads(edefter(tmp_path, "trust", "list", "--json").stdout)
    assert row["sha256"] == fingerprint(root)
    # The anchors no longer stand in the way; what is missing now is a company.
    again = edefter(tmp_path, "run", "2026-01")
    assert "trust_anchors" not in again.stderr, again.stderr
    assert "company" in again.stderr.lower()
