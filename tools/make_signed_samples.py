"""Writes samples/signed: every kind of document of one small month, signed by a sandbox seal.

    python -m tools.make_signed_samples

The month is that of samples/golden. Each run gives other signatures, ids and times; the files in
the repository change only when their form is meant to change.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from edefter.atomic import sha256_file
from edefter.berat.build import build_berat
from edefter.berat.report import build_report
from edefter.model.documents import DocumentName, Kind
from edefter.model.files import SignedFile, StoredFile
from edefter.sandbox.pki import SandboxPki
from edefter.signature.seals.pkcs12 import Pkcs12Seal
from edefter.signature.sign import sign_file

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "samples" / "golden"
SIGNED = ROOT / "samples" / "signed"


def main() -> None:
    """Write them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "unsigned").mkdir()
        (folder / "signed").mkdir()
        made = SandboxPki(folder / "pki").issue_seal("1234567808", "ÖRNEK MÜHÜR (SANDBOX)")
        seal = Pkcs12Seal("ornek", made.path, made.password)

        def signed(file: StoredFile) -> SignedFile:
            now = datetime.now(ZoneInfo("Europe/Istanbul")).replace(microsecond=0)
            return sign_file(file, folder / "signed", seal, signing_time=now)

        ledgers = {}
        for kind in (Kind.Y, Kind.K, Kind.E):
            path = GOLDEN / DocumentName.parse(f"1234567808-202601-{kind}-000000").xml
            ledgers[kind] = signed(
                StoredFile(
                    path=path,
                    name=DocumentName.parse(path.name),
                    size_bytes=path.stat().st_size,
                    sha256=sha256_file(path),
                )
            )
            signed(build_berat(ledgers[kind], folder / "unsigned", ettn=uuid.uuid4()))
        report = build_report(
            [ledgers[Kind.K]], folder / "unsigned", ettn=uuid.uuid4(),
            creation_date=date(2026, 2, 3),
        )  # fmt: skip
        signed(report)
        SIGNED.mkdir(exist_ok=True)
        for path in sorted((folder / "signed").iterdir()):
            shutil.copy(path, SIGNED / path.name)


if __name__ == "__main__":
    main()
