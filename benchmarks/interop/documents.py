"""The documents of the matrix: each kind, by each key, plain (BES) and time-stamped (T)."""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edefter.berat.build import build_berat
from edefter.berat.report import build_report
from edefter.config.settings import TimestampSettings
from edefter.ledger.build import build_parts
from edefter.model.documents import Kind
from edefter.model.files import Counters, SignedFile, StoredFile
from edefter.model.finding import FindingLog
from edefter.model.journal import JournalBatch, Voucher
from edefter.sandbox.pki import KeyKind, SandboxPki
from edefter.signature.seals.pkcs12 import Pkcs12Seal
from edefter.signature.sign import sign_file
from edefter.signature.timestamping import add_timestamp, bytes_to_stamp
from edefter.timestamp.budget import Budget
from edefter.timestamp.client import TimestampClient
from tests.support.signed_documents import AWKWARD, seal_of, store
from tests.unit.ledger.factory import head, line, voucher

KINDS = (Kind.Y, Kind.K, Kind.YB, Kind.KB, Kind.DR)
KEYS: dict[KeyKind, str] = {"rsa": "RSA", "ec": "P-384"}
LEVELS = ("BES", "T")

_INSTRUCTION = re.compile(rb"<\?xml-stylesheet[^?]*\?>\n")


@dataclass(frozen=True, slots=True)
class Case:
    """One cell's document, twice: as the product writes it, and without its instruction.

    Args:
        kind, key, level: what it is.
        path: with the xml-stylesheet instruction before its root.
        copy: signed by the same code, without it.
    """

    kind: Kind
    key: KeyKind
    level: str
    path: Path
    copy: Path

    @property
    def title(self) -> str:
        """As the table says it."""
        return f"{self.kind:<2} {KEYS[self.key]:<5} {self.level:<3}"


class Stamper:
    """Asks a time stamp authority and puts its answer into signed files.

    Args:
        url: of the authority.
        pki: of its certificate.
        folder: for the budget.
    """

    def __init__(self, url: str, pki: SandboxPki, folder: Path) -> None:
        self._anchors = [pki.root]
        self._client = TimestampClient(
            TimestampSettings(url=url, profile="rfc3161"),
            secret=lambda _: "", budget=Budget(folder / "stamps.json", 0), anchors=self._anchors,
        )  # fmt: skip

    def token(self, data: bytes) -> bytes:
        """A time stamp token over `data`."""
        return self._client.stamp(data, now=datetime.now(UTC)).token

    def stamped(self, file: SignedFile, folder: Path) -> SignedFile:
        """The file with a time stamp, in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        token = self.token(bytes_to_stamp(file))
        now = datetime.now(UTC)
        return add_timestamp(file, folder, token, anchors=self._anchors, now=now)


def without_instruction(data: bytes) -> bytes:
    """The document without the xml-stylesheet instruction before its root."""
    plain, count = _INSTRUCTION.subn(b"", data)
    if count != 1:
        raise ValueError(f"{count} instructions")
    return plain


def cases(folder: Path, pki: SandboxPki, stamper: Stamper) -> Iterator[Case]:
    """Sign everything; the files lie in folders by key, level and `copy`.

    Args:
        folder: of the files.
        pki: of the seals.
        stamper: for level T.
    """
    for key in KEYS:
        seal = seal_of(pki, key)
        whole = signed_set(folder / key / "BES", seal)
        bare = signed_set(folder / key / "BES-copy", seal, instruction=False)
        for level in LEVELS:
            for kind in KINDS:
                found, copy = whole[kind], bare[kind]
                if level == "T":
                    found = stamper.stamped(found, folder / key / "T")
                    copy = stamper.stamped(copy, folder / key / "T-copy")
                yield Case(kind, key, level, found.file.path, copy.file.path)


def signed_set(
    folder: Path, seal: Pkcs12Seal, *, instruction: bool = True
) -> dict[Kind, SignedFile]:
    """One signed document of each kind in `folder`, as the product signs them.

    Args:
        folder: is made.
        seal: signs.
        instruction: with the xml-stylesheet instruction before the root.
    """
    unsigned = folder / "unsigned"
    unsigned.mkdir(parents=True, exist_ok=True)

    def sign(source: StoredFile) -> SignedFile:
        if not instruction:
            source = store(unsigned, source.name, without_instruction(source.path.read_bytes()))
        return sign_file(
            source, folder, seal, signing_time=datetime.now(UTC), claimed_role="Tedarikçi"
        )

    parts = build_parts(
        [JournalBatch.from_vouchers(_vouchers())], head(),
        before=Counters(), numbering="source", folder=unsigned, findings=FindingLog(),
    )  # fmt: skip
    assert parts is not None
    (part,) = parts
    found = {}
    for source in (part.yevmiye, part.kebir):
        ledger = found[source.name.kind] = sign(source)
        found[source.name.kind.berat] = sign(build_berat(ledger, unsigned, ettn=uuid.uuid4()))
    found[Kind.DR] = sign(
        build_report(
            [found[Kind.K]], unsigned, ettn=uuid.uuid4(), creation_date=head().creation_date
        )
    )
    return found


def _vouchers() -> list[Voucher]:
    """Texts with everything that canonical form and readers differ about."""
    text = html.unescape(AWKWARD)
    return [
        voucher(
            1,
            line(1, "100", "18.00", "D", line_comment=text, main_description=text),
            line(2, "391", "18.00", "C", line_comment=text),
            entry_comment=text,
        )
    ]
