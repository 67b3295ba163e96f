"""XAdES-T: a time stamp spliced into a file that is signed already.

Nothing but the unsigned property is added: the signature stays what it was, byte for byte. So the
time stamp may be asked for when the signature value is final, and what GİB compares is unchanged.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from cryptography import x509

from edefter.atomic import atomic_writer
from edefter.errors import InternalError
from edefter.model.files import SignedFile, StoredFile
from edefter.signature.verify import verify_file
from edefter.timestamp.xades import check_stamps, stamped_bytes
from edefter.xmlsig.document import open_document
from edefter.xmlsig.names import C14N
from edefter.xmlsig.problem import Unreadable

_CHUNK_BYTES = 1 << 20
_TAIL_BYTES = 1 << 18
_END = re.compile(
    rb"</xades:SignedProperties>(?=</xades:QualifyingProperties></ds:Object></ds:Signature>"
    rb"</[A-Za-z_][\w.:-]*>\s*\Z)"
)


def bytes_to_stamp(file: SignedFile) -> bytes:
    """What a time stamp of this file has to cover.

    Args:
        file: signed by us, without a time stamp.

    Raises:
        InternalError: it is no signed file of ours.
        OSError: it cannot be read.
    """
    try:
        return stamped_bytes(open_document(file.file.path).signature)
    except Unreadable as error:
        raise _odd(file, error.problem.key) from None


def add_timestamp(
    file: SignedFile,
    folder: Path,
    token: bytes,
    *,
    anchors: Sequence[x509.Certificate],
    now: datetime,
) -> SignedFile:
    """Write the file with its time stamp into `folder` under its document name.

    Args:
        file: signed by us, without a time stamp.
        folder: must exist; a file of that name is replaced, the given one may be that file.
        token: DER of the time stamp token over `bytes_to_stamp`.
        anchors: trust anchors; the finished file is verified with them.
        now: measured time, zone-aware.

    Returns:
        The stamped file; its signature value is the same.

    Raises:
        InternalError: it is no signed file of ours, or what came out does not verify; nothing is
            left behind.
        OSError: reading or writing failed.

    Source: signing.md §4; ETSI TS 101 903 §7.3.
    """
    target = folder / file.file.name.xml
    added = _property(token)
    with file.file.path.open("rb") as stream, atomic_writer(target) as sink:
        place = _place(stream, file)
        digest, size_bytes = hashlib.sha256(), 0
        for data in (*_chunks(stream, place), added, *_rest(stream)):
            sink.write(data)
            digest.update(data)
            size_bytes += len(data)
        sink.flush()
        _verify(Path(sink.name), file, anchors, now)
    stored = StoredFile(
        path=target, name=file.file.name, size_bytes=size_bytes, sha256=digest.hexdigest()
    )
    return SignedFile(
        file=stored,
        signature_value=file.signature_value,
        signing_time=file.signing_time,
        certificate_sha256=file.certificate_sha256,
    )


def _property(token: bytes) -> bytes:
    """The unsigned property as canonical text."""
    value = base64.b64encode(token).decode("ascii")
    return (
        "<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:SignatureTimeStamp>"
        f'<ds:CanonicalizationMethod Algorithm="{C14N}"></ds:CanonicalizationMethod>'
        f"<xades:EncapsulatedTimeStamp>{value}</xades:EncapsulatedTimeStamp>"
        "</xades:SignatureTimeStamp></xades:UnsignedSignatureProperties>"
        "</xades:UnsignedProperties>"
    ).encode()


def _place(stream: BinaryIO, file: SignedFile) -> int:
    """Offset right behind our SignedProperties; leaves the stream at its start."""
    size = stream.seek(0, 2)
    start = max(0, size - _TAIL_BYTES)
    stream.seek(start)
    found = _END.search(stream.read())
    if found is None:
        raise _odd(file, "xades:QualifyingProperties")
    stream.seek(0)
    return start + found.end()


def _chunks(stream: BinaryIO, size_bytes: int) -> Iterator[bytes]:
    while size_bytes > 0:
        data = stream.read(min(_CHUNK_BYTES, size_bytes))
        if not data:
            raise OSError("file shrank while it was read")
        size_bytes -= len(data)
        yield data


def _rest(stream: BinaryIO) -> Iterator[bytes]:
    while data := stream.read(_CHUNK_BYTES):
        yield data


def _verify(
    path: Path, file: SignedFile, anchors: Sequence[x509.Certificate], now: datetime
) -> None:
    """The signature still holds, and the stamp proves its time, before the file gets its name."""
    result = verify_file(path, now=now, must_be_canonical=True)
    if not result.ok or result.signature_value != file.signature_value:
        detail = next((item.message_en for item in result.findings), "signature value")
        raise _invalid(file, detail)
    assert result.signature is not None  # what verifies has one
    stamps = check_stamps(result.signature, anchors)
    if stamps.problems or stamps.gen_time is None:
        raise _invalid(file, ", ".join(item.key for item in stamps.problems) or "no time stamp")


def _odd(file: SignedFile, detail: str) -> InternalError:
    return InternalError("signature.not_signable", file=file.file.name.xml, detail=detail)


def _invalid(file: SignedFile, detail: str) -> InternalError:
    return InternalError("signature.own_output_invalid", file=file.file.name.xml, detail=detail)
