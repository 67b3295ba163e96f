"""A signed document as the checks need it: its signature element, its Ids, its digest.

Two ways in, both with bounded memory at any size: bytes that are proven canonical, which are
hashed as they lie, or a canonical form that is made while the document is read.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from edefter.xmlsig.check import DocumentDigest
from edefter.xmlsig.names import INCLUSIVE, Canonicalization
from edefter.xmlsig.parsing import Element, parse
from edefter.xmlsig.problem import Problem, Unreadable, Verdict, not_well_formed
from edefter.xmlsig.scan import BLOCK_BYTES, SPECULATED_DIGEST, NotCanonical, Scan, scan_stream
from edefter.xmlsig.streamed import Streamed, read_through

MAX_SIGNATURE_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A document with one enveloped signature below its root.

    Args:
        signature: the ds:Signature; its tree holds only the root and itself.
        ids: Id values of the whole document.
        digest: of the document without the signature.
        proof: the scan that proved the bytes canonical, or None.
    """

    signature: Element
    ids: Counter[str]
    digest: DocumentDigest
    proof: Scan | None


def open_document(source: Path | bytes, *, must_be_canonical: bool = False) -> SignedDocument:
    """Find the signature of a document.

    Args:
        source: a file or its bytes.
        must_be_canonical: refuse bytes that are not proven canonical.

    Raises:
        Unreadable: not well-formed, a DOCTYPE, no signature, or several.
        OSError: the file cannot be read.
    """
    with _open(source) as stream:
        try:
            scan = scan_stream(stream)
        except NotCanonical as error:
            if must_be_canonical:
                problem = Problem(Verdict.STRUCTURE, "xmlsig.not_canonical", {"detail": str(error)})
                raise Unreadable(problem) from None
        else:
            return _from_scan(source, stream, scan)
    return _from_reading(source)


def _open(source: Path | bytes) -> BinaryIO:
    return BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _require_one(signatures: int, *, enveloped: bool) -> None:
    if not enveloped:
        raise Unreadable(Problem(Verdict.STRUCTURE, "xmlsig.no_signature"))
    if signatures > 1:
        raise Unreadable(Problem(Verdict.STRUCTURE, "xmlsig.several_signatures"))


def _from_scan(source: Path | bytes, stream: BinaryIO, scan: Scan) -> SignedDocument:
    enveloped = len(scan.signatures)
    _require_one(enveloped + scan.stray_signatures, enveloped=enveloped > 0)
    start, end = scan.signatures[0]
    if end - start > MAX_SIGNATURE_BYTES:
        facts = {"size_bytes": end - start}
        raise Unreadable(Problem(Verdict.STRUCTURE, "xmlsig.signature_too_large", facts))
    stream.seek(start)
    skeleton = parse(scan.root_start + stream.read(end - start) + scan.root_end_tag)

    def digest(name: str, method: Canonicalization) -> bytes:
        if method.exclusive:
            return _read(source, name, method).digest
        if name == SPECULATED_DIGEST:
            return scan.digest
        hasher = hashlib.new(name)
        with _open(source) as again:
            for begin, stop in ((scan.content_start, start), (end, scan.content_end)):
                again.seek(begin)
                _hash_exactly(again, stop - begin, hasher)
        return hasher.digest()

    return SignedDocument(skeleton.getroot()[0], scan.ids, digest, scan)


def _hash_exactly(stream: BinaryIO, size_bytes: int, hasher: hashlib._Hash) -> None:
    while size_bytes > 0:
        block = stream.read(min(BLOCK_BYTES, size_bytes))
        if not block:
            raise not_well_formed("file shrank")
        hasher.update(block)
        size_bytes -= len(block)


def _from_reading(source: Path | bytes) -> SignedDocument:
    found = _read(source, SPECULATED_DIGEST, INCLUSIVE)
    _require_one(found.signatures, enveloped=found.enveloped)

    def digest(name: str, method: Canonicalization) -> bytes:
        if name == SPECULATED_DIGEST and not method.exclusive:
            return found.digest
        return _read(source, name, method).digest

    return SignedDocument(parse(found.skeleton).getroot()[0], found.ids, digest, None)


def _read(source: Path | bytes, name: str, method: Canonicalization) -> Streamed:
    with _open(source) as stream:
        return read_through(stream, name, method, most_signature_bytes=MAX_SIGNATURE_BYTES)
