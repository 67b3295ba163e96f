"""Sign a canonical document by splicing the signature before its root's end tag.

The ledger step wrote canonical bytes, so the SHA-256 of the bytes after the XML declaration is
the digest of the `URI=""` reference: one pass copies and hashes, whatever the size (`sign_file`).
Or nothing is copied at all: a ledger whose digest is known gets its signature in the file that it
is, and moves to its new place (`splice`). The signature is checked before the file gets its name.
That the bytes really are canonical is proven on the finished file by the verifier: at once by
default, or by the caller (`prove`), who must do so before anything is made from the file; so a
defect of ours is never released.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from edefter.atomic import atomic_writer, move
from edefter.errors import InternalError
from edefter.model.files import SignedFile, StoredFile
from edefter.signature.port import Seal
from edefter.signature.profile import SignatureBlock, build_signature
from edefter.signature.verify import verify_file
from edefter.xmlsig.certificate import fingerprint
from edefter.xmlsig.check import Expectation, check_signature
from edefter.xmlsig.parsing import identifiers, parse
from edefter.xmlsig.problem import Unreadable

_CHUNK_BYTES = 1 << 20
_HEAD_BYTES = 1 << 16
_TAIL_BYTES = 1 << 10

_HEAD = re.compile(
    rb'(?P<declaration><\?xml version="1\.0" encoding="UTF-8"\?>\n)'
    rb"(?:<\?[A-Za-z][\w.-]*(?: [^?\s][^?]*)?\?>\n)*"
    rb"(?P<root><(?P<name>[A-Za-z_][\w.:-]*)(?: [^<>]*)?>)"
)
_TAIL = re.compile(rb"(?P<end></(?P<name>[A-Za-z_][\w.:-]*)>)\s*\Z")


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where things are in an unsigned file; offsets in bytes."""

    declaration: bytes
    root_start: bytes
    root_end: bytes
    root_end_offset: int


class _Counted:
    """A sink that hashes and counts the whole file while it is written, or only read."""

    def __init__(self, sink: BinaryIO | None) -> None:
        self._sink = sink
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def write(self, data: bytes) -> None:
        if self._sink is not None:
            self._sink.write(data)
        self._hash.update(data)
        self.size_bytes += len(data)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


@dataclass(frozen=True, slots=True)
class Ready:
    """A ledger or berat whose digest is known, so that the seal needs nothing of it but this.

    Args:
        source: the unsigned file.
        digest: SHA-256 of its canonical form, as the signature will refer to it.
        sha256: of the file as it was read, lower-case hex.
        root_start, root_end: its root's tags.
        offset: where its root's end tag begins, in bytes; the signature goes there.
    """

    source: StoredFile
    digest: bytes
    sha256: str
    root_start: bytes
    root_end: bytes
    offset: int


def make_ready(source: StoredFile, digest: bytes | None = None) -> Ready:
    """Read an unsigned file once, so that it can be signed elsewhere by its digest.

    Args:
        source: an unsigned, canonical ledger or berat; whether it is still the file of this record
            is for the caller to see (`Ready.sha256`).
        digest: of its canonical form, when it was taken while the file was written; then only its
            head and end are read, and the caller sees whether it is still that file.

    Raises:
        InternalError: it is not canonical or not signable.
        OSError: it cannot be read.
    """
    with source.path.open("rb") as stream:
        shape = _shape(stream, source)
        sha256 = source.sha256
        if digest is None:
            out = _Counted(None)
            digest = _copy(stream, shape, out)
            out.write(stream.read())
            sha256 = out.sha256
    return _ready(source, digest, sha256, shape)


def _ready(source: StoredFile, digest: bytes, sha256: str, shape: _Shape) -> Ready:
    return Ready(source, digest, sha256, shape.root_start, shape.root_end, shape.root_end_offset)


def seal_digest(
    ready: Ready, seal: Seal, *, signing_time: datetime, claimed_role: str = ""
) -> SignatureBlock:
    """Have the seal sign; nothing large is read or written.

    Args:
        ready: what `make_ready` gave.
        seal: signs once.
        signing_time: zone-aware moment, as measured.
        claimed_role: text of ClaimedRole; empty = none.

    Raises:
        SealRefused, WaitingError: from the seal.
        InternalError: the file is not signable.
    """
    try:
        return build_signature(
            ready.root_start, ready.root_end, ready.digest, seal,
            signing_time=signing_time, claimed_role=claimed_role,
        )  # fmt: skip
    except Unreadable as error:
        raise _not_signable(ready.source, error.problem.key) from None


def splice(ready: Ready, block: SignatureBlock, folder: Path, *, signing_time: datetime) -> Path:
    """Put a signature into the file that was made ready, and move the file to its place.

    Nothing of the file is read or written but its end, so the caller must see whether it is still
    the one whose digest was sealed, and prove it. `restore` takes the signature out again, also
    when a process was killed amid this.

    Args:
        ready: what was sealed.
        block: its signature.
        folder: must exist, on the same file system; a file of that name is replaced.
        signing_time: as it was given to `seal_digest`.

    Returns:
        Where the signed file is.

    Raises:
        InternalError: the file is not the one that was made ready, or the signature is wrong.
        OSError: the disk refuses; the file is as it was.
    """
    source, target = ready.source, folder / ready.source.name.xml
    _verify_block(ready, block.xml, signing_time)
    with source.path.open("r+b") as file:
        shape = _shape(file, source)
        is_same = _ready(source, ready.digest, ready.sha256, shape) == ready
        if not is_same or ready.offset + len(ready.root_end) != source.size_bytes:
            raise _not_signable(source, "changed after its digest was taken")
        try:
            file.seek(ready.offset)
            file.write(block.xml + ready.root_end)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            _write_end(file, ready.offset, ready.root_end)
            raise
    move(source.path, target)
    return target


def restore(source: StoredFile, signed: Path) -> bool:
    """Bring an unsigned file back that was signed, or is half signed, by `splice`.

    Args:
        source: the unsigned file.
        signed: where it was to go.

    Returns:
        Whether the unsigned file is there now, byte for byte. What cannot become it is not touched.

    Raises:
        OSError: the disk refuses.
    """
    for path in (source.path, signed):
        if path.is_file() and _cut_back(path, source):
            if path != source.path:
                move(path, source.path)
            return True
    return False


def _cut_back(path: Path, source: StoredFile) -> bool:
    with path.open("r+b") as file:
        head = _HEAD.match(file.read(_HEAD_BYTES))
        if head is None:
            return False
        root_end = b"</" + head["name"] + b">"
        offset = left = source.size_bytes - len(root_end)
        digest = hashlib.sha256()
        file.seek(0)
        while left > 0 and (chunk := file.read(min(_CHUNK_BYTES, left))):
            digest.update(chunk)
            left -= len(chunk)
        digest.update(root_end)
        if left or digest.hexdigest() != source.sha256:
            return False
        _write_end(file, offset, root_end)
    return True


def _write_end(file: BinaryIO, offset: int, root_end: bytes) -> None:
    file.seek(offset)
    file.write(root_end)
    file.truncate()
    file.flush()
    os.fsync(file.fileno())


def sign_file(
    source: StoredFile,
    folder: Path,
    seal: Seal,
    *,
    signing_time: datetime,
    claimed_role: str = "",
    proven: bool = True,
) -> SignedFile:
    """Write the signed copy of `source` into `folder` under its document name.

    Args:
        source: an unsigned, canonical ledger or berat.
        folder: must exist; a file of that name is replaced.
        seal: signs once.
        signing_time: zone-aware moment, as measured.
        claimed_role: text of ClaimedRole; empty = none.
        proven: read the finished file once more and prove all of it before it gets its name; False
            = only the signature is checked here, and the caller calls `prove`.

    Returns:
        The signed file, already verified.

    Raises:
        SealRefused, WaitingError: from the seal; nothing is left behind.
        InternalError: the source is not canonical or not signable, or our own verification of
            the output failed; nothing is left behind.
        OSError: reading or writing failed.

    Source: signing.md §1; format.md §6.
    """
    if signing_time.tzinfo is None:
        raise ValueError("signing_time must be zone-aware")

    target = folder / source.name.xml
    with source.path.open("rb") as stream, atomic_writer(target) as sink:
        shape = _shape(stream, source)
        out = _Counted(sink)
        ready = _ready(source, _copy(stream, shape, out), "", shape)
        block = seal_digest(ready, seal, signing_time=signing_time, claimed_role=claimed_role)
        out.write(block.xml)
        out.write(shape.root_end)
        sink.flush()
        if proven:
            _verify_output(Path(sink.name), source, signing_time)
        else:
            _verify_block(ready, block.xml, signing_time)
    return SignedFile(
        file=StoredFile(
            path=target, name=source.name, size_bytes=out.size_bytes, sha256=out.sha256
        ),
        signature_value=block.value,
        signing_time=signing_time,
        certificate_sha256=fingerprint(seal.certificate),
    )


def _shape(stream: BinaryIO, source: StoredFile) -> _Shape:
    head = _HEAD.match(stream.read(_HEAD_BYTES))
    size = stream.seek(0, 2)
    tail_at = max(0, size - _TAIL_BYTES)
    stream.seek(tail_at)
    tail = _TAIL.search(stream.read())
    stream.seek(0)
    if head is None or tail is None or head["name"] != tail["name"]:
        raise _not_signable(source, "declaration, instruction or root")
    return _Shape(head["declaration"], head["root"], tail["end"], tail_at + tail.start("end"))


def _copy(stream: BinaryIO, shape: _Shape, out: _Counted) -> bytes:
    """Copy everything before the root's end tag; returns the digest of the canonical document."""
    digest = hashlib.sha256()
    for chunk in _before_root_end(stream, shape, out):
        digest.update(chunk)
    digest.update(shape.root_end)
    return digest.digest()


def _before_root_end(stream: BinaryIO, shape: _Shape, out: _Counted) -> Iterator[bytes]:
    """Copy everything before the root's end tag; yields it from behind the declaration."""
    out.write(stream.read(len(shape.declaration)))
    left = shape.root_end_offset - len(shape.declaration)
    while left > 0:
        chunk = stream.read(min(_CHUNK_BYTES, left))
        if not chunk:
            raise OSError("source file shrank while it was read")
        out.write(chunk)
        yield chunk
        left -= len(chunk)


def prove(file: SignedFile) -> None:
    """Verify a file that was signed with `proven=False`: signature, digest, canonical bytes.

    Args:
        file: of ours.

    Raises:
        InternalError: a defect of ours; the file must not be used.
        OSError: it cannot be read.

    Source: signing.md §1, rule 10.
    """
    _verify_output(file.file.path, file.file, file.signing_time)


def _verify_block(ready: Ready, block: bytes, signing_time: datetime) -> None:
    """The signature fits its key, certificate and the digest that was sealed."""
    try:
        element = parse(ready.root_start + block + ready.root_end).getroot()[0]
    except Unreadable as error:
        raise _not_signable(ready.source, error.problem.key) from None
    check = check_signature(
        element, Expectation(document=lambda *_: ready.digest),
        ids=identifiers(element), now=signing_time,
    )  # fmt: skip
    if not check.ok or not check.complete:
        detail = ", ".join(problem.key for problem in check.problems)
        raise InternalError(
            "signature.own_output_invalid", file=ready.source.name.xml, detail=detail
        )


def _verify_output(path: Path, source: StoredFile, signing_time: datetime) -> None:
    """Release nothing that our own verifier refuses (signing.md §1, rule 10)."""
    result = verify_file(path, now=signing_time, must_be_canonical=True)
    if result.ok:
        return
    finding = next(iter(result.findings))
    if finding.rule == "SIG-NOT-CANONICAL":
        raise _not_signable(source, finding.message_en)
    raise InternalError(
        "signature.own_output_invalid", file=source.name.xml, detail=finding.message_en
    )


def _not_signable(source: StoredFile, detail: str) -> InternalError:
    return InternalError("signature.not_signable", file=source.name.xml, detail=detail)
