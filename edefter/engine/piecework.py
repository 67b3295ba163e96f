"""Heavy work on one file, which any process may do: what it needs comes in, a record goes out.

Nothing of a job or of the state is known here, so a process that does only this starts with a
third of what the engine itself has to load.
"""

from __future__ import annotations

import uuid
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from edefter.atomic import TEMPORARY_SUFFIX, sha256_file
from edefter.berat.build import build_berat
from edefter.errors import DataError, InternalError
from edefter.gib.deflating import Deflated, Deflating
from edefter.ledger.making import Book, PlannedPart
from edefter.model.documents import BOOKS, DocumentName, Kind
from edefter.model.files import Beginning, SignedFile, StoredFile
from edefter.model.finding import FindingLog
from edefter.model.turnover import Movements
from edefter.observe.progress import SilentProgress
from edefter.signature.profile import SignatureBlock
from edefter.signature.sign import Ready, make_ready, prove, restore, splice
from edefter.validation import validate
from edefter.validation.judging.entries_proof import EntriesProof, Insertion
from edefter.validation.report import Report
from edefter.validation.schema.schema_set import schema


def warm() -> None:
    """Load what making and judging a book needs."""
    for signed in (False, True):
        schema(signed)


def judge_file(
    path: Path,
    *,
    signed: bool,
    proof: EntriesProof | None = None,
    written: Beginning | None = None,
) -> Report:
    """Schema, official and strict rules over one of our own files.

    Args:
        path: the file, under its document name.
        signed: False before its own signature is put in.
        proof, written: as of `validate`.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        return _judge(stream, path, signed=signed, proof=proof, written=written)


def _judge(
    stream: BinaryIO | Deflating,
    path: Path,
    *,
    signed: bool,
    proof: EntriesProof | None = None,
    insertion: Insertion | None = None,
    written: Beginning | None = None,
) -> Report:
    gather = DocumentName.parse(path.name).kind in BOOKS
    return validate(
        cast(BinaryIO, stream), path.name, signed=signed, own=True, gather=gather, proof=proof,
        insertion=insertion, written=written,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class MadeBook:
    """A book as it was written and judged.

    Args:
        book: what was written.
        warnings: found while it was written.
        report: what the rules say of the file.
    """

    book: Book
    warnings: FindingLog
    report: Report


def make_book(plan: PlannedPart, kind: Kind, folder: Path) -> MadeBook:
    """Write one book of a part and judge it.

    Args:
        plan: the part.
        kind: which book.
        folder: takes the file.

    Raises:
        InternalError: other sums were written than were staged.
        OSError: the disk refuses.
    """
    warnings = FindingLog()
    book = plan.write_book(kind, folder, warnings, SilentProgress())
    report = judge_file(book.file.path, signed=False, written=book.entries)
    return MadeBook(book, warnings, report)


def take_digest(unsigned: StoredFile, digest: bytes | None) -> Ready | None:
    """Take the digest of an unsigned ledger.

    Args:
        unsigned: the ledger.
        digest: of its canonical form, when it was taken in this run; then little is read.

    Returns:
        None = it is not that file any more.

    Raises:
        InternalError: it is not signable.
        OSError: it cannot be read.
    """
    try:
        ready = make_ready(unsigned, digest)
    except FileNotFoundError:
        return None
    except InternalError:
        if sha256_file(unsigned.path) != unsigned.sha256:
            return None
        raise
    return ready if ready.sha256 == unsigned.sha256 else None


@dataclass(frozen=True, slots=True)
class SignedBook:
    """A ledger as it was signed and judged.

    Args:
        signed: the file.
        report: what the rules say of it.
        deflated: the same, compressed for its package; None = not wanted, or not known for sure.
    """

    signed: SignedFile
    report: Report
    deflated: Deflated | None


def sign_book(
    ready: Ready,
    block: SignatureBlock,
    folder: Path,
    now: datetime,
    certificate: str,
    proof: EntriesProof | None,
    deflate: str,
) -> SignedBook:
    """Put the signature that the seal gave for a ledger's digest into it, prove and judge it.

    Args:
        ready, block: the ledger, which is moved, and its signature.
        folder: takes the signed file.
        now: signing time.
        certificate: fingerprint of the seal's.
        proof: of its entries, from the look at the unsigned file.
        deflate: how it will be packed, as of `GibSettings`; empty = it will not.

    Raises:
        InternalError: the file is not the one whose digest was taken, or a defect of ours; the
            unsigned file is where it was, if it is still that file.
        OSError: the disk refuses.
    """
    path = splice(ready, block, folder, signing_time=now)
    packed = folder / f".{path.name}{TEMPORARY_SUFFIX}"
    try:
        with path.open("rb") as file, ExitStack() as held:
            stream = (
                held.enter_context(closing(Deflating(file, packed, deflate))) if deflate else None
            )
            report = _judge(
                stream or file, path, signed=True, proof=proof,
                insertion=Insertion(ready.offset, ready.root_end),
            )  # fmt: skip
            # The signature was checked when it was put in. What else a verifier looks at is whether
            # the bytes on disk are those of the digest, and canonical: judging has seen every one.
            is_canonical = report.proof is not None and report.proof.canonical
            is_proven = is_canonical and report.sha256_before == ready.sha256
            signed = SignedFile(
                file=StoredFile(
                    path=path,
                    name=ready.source.name,
                    size_bytes=path.stat().st_size,
                    sha256=report.sha256 if is_proven else sha256_file(path),
                ),
                signature_value=block.value,
                signing_time=now,
                certificate_sha256=certificate,
            )
            stored, deflated = signed.file, None
            if not is_proven:
                prove(signed)
            elif stream is not None:
                deflated = stream.finish(stored.name, stored.size_bytes, stored.sha256)
    except BaseException:
        if not restore(ready.source, path):
            path.unlink(missing_ok=True)  # nobody may take it for a signed ledger
        raise
    return SignedBook(signed, report, deflated)


def look_at(ledger: SignedFile) -> Report:
    """Prove and judge a signed ledger that an earlier run has written.

    Args:
        ledger: the file.

    Raises:
        InternalError: our own verifier refuses it.
        OSError: it cannot be read.
    """
    prove(ledger)
    return judge_file(ledger.file.path, signed=True)


def make_berat(
    ledger: SignedFile, folder: Path, ettn: uuid.UUID, known: Movements | None
) -> StoredFile | None:
    """Build the berat of a signed ledger.

    Args:
        ledger: the file.
        folder: takes the berat.
        ettn: its identity.
        known: what was counted when the ledger was written.

    Returns:
        None = the ledger is not the one that was signed any more.

    Raises:
        InternalError, DataError: the berat cannot be built from it.
        OSError: the disk refuses.
    """
    try:
        return build_berat(ledger, folder, ettn=ettn, known=known)
    except (FileNotFoundError, InternalError, DataError):
        if ledger.file.path.is_file() and sha256_file(ledger.file.path) == ledger.file.sha256:
            raise
        return None
