"""A signed document as the checks need it: its signature element, its Ids, its digest.

Two ways in: bytes that were proven canonical (memory bounded, any size), or a tree.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from edefter.xmlsig.check import DocumentDigest
from edefter.xmlsig.names import Canonicalization, ds
from edefter.xmlsig.parsing import Element, Tree, detach, identifiers, parse, write_canonical
from edefter.xmlsig.problem import Problem, Unreadable, Verdict
from edefter.xmlsig.scan import CHUNK_BYTES, NotCanonical, Scan, scan_stream

MAX_SIGNATURE_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A document with one enveloped signature below its root.

    Args:
        signature: the ds:Signature. With `proof` its tree holds only the root and itself.
        ids: Id values of the whole document.
        digest: of the document without the signature.
        proof: the scan that proved the bytes canonical, or None.
    """

    signature: Element
    ids: Counter[str]
    digest: DocumentDigest
    proof: Scan | None


class _Hash:
    """A sink that only hashes."""

    def __init__(self, name: str) -> None:
        self.hash = hashlib.new(name)

    def write(self, data: bytes) -> int:
        self.hash.update(data)
        return len(data)


def open_document(source: Path | bytes, *, must_be_canonical: bool = False) -> SignedDocument:
    """Find the signature of a document.

    Args:
        source: a file or its bytes.
        must_be_canonical: refuse bytes that are not proven canonical instead of building a tree.

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
    return _from_tree(source)


def _open(source: Path | bytes) -> BinaryIO:
    return BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _from_scan(source: Path | bytes, stream: BinaryIO, scan: Scan) -> SignedDocument:
    if scan.stray_signatures or len(scan.signatures) > 1:
        raise Unreadable(Problem(Verdict.STRUCTURE, "xmlsig.several_signatures"))
    if not scan.signatures:
        raise Unreadable(Problem(Verdict.STRUCTURE, "xmlsig.no_signature"))
    start, end = scan.signatures[0]
    if end - start > MAX_SIGNATURE_BYTES:
        problem = Problem(
            Verdict.STRUCTURE, "xmlsig.signature_too_large", {"size_bytes": end - start}
        )
        raise Unreadable(problem)
    stream.seek(start)
    skeleton = parse(scan.root_start + stream.read(end - start) + scan.root_end_tag)

    def digest(name: str, method: Canonicalization) -> bytes:
        if method.exclusive:
            return _tree_digest(source, name, method)
        hasher = hashlib.new(name)
        with _open(source) as again:
            for begin, stop in ((scan.content_start, start), (end, scan.content_end)):
                again.seek(begin)
                _hash_exactly(again, stop - begin, hasher)
        return hasher.digest()

    return SignedDocument(skeleton.getroot()[0], scan.ids, digest, scan)


def _hash_exactly(stream: BinaryIO, size_bytes: int, hasher: hashlib._Hash) -> None:
    while size_bytes > 0:
        chunk = stream.read(min(CHUNK_BYTES, size_bytes))
        if not chunk:
            raise Unreadable(
                Problem(Verdict.STRUCTURE, "xmlsig.not_well_formed", {"detail": "file shrank"})
            )
        hasher.update(chunk)
        size_bytes -= len(chunk)


def _from_tree(source: Path | bytes) -> SignedDocument:
    tree = parse(source)
    signature = _root_signature(tree)

    def digest(name: str, method: Canonicalization) -> bytes:
        return _tree_digest(source, name, method)

    return SignedDocument(signature, identifiers(tree.getroot()), digest, None)


def _root_signature(tree: Tree) -> Element:
    root = tree.getroot()
    own = root.findall(ds("Signature"))
    if not own:
        raise Unreadable(Problem(Verdict.STRUCTURE, "xmlsig.no_signature"))
    inside = sum(1 for _ in own[0].iter(ds("Signature")))
    everywhere = sum(1 for _ in root.iter(ds("Signature")))
    if len(own) > 1 or everywhere != inside:
        raise Unreadable(Problem(Verdict.STRUCTURE, "xmlsig.several_signatures"))
    return own[0]


def _tree_digest(source: Path | bytes, name: str, method: Canonicalization) -> bytes:
    """Digest by libxml2's canonicaliser, on a tree of its own since the signature is cut out."""
    tree = parse(source)
    detach(_root_signature(tree))
    sink = _Hash(name)
    # URI="" selects the document without comments, whatever the canonicalisation says.
    plain = Canonicalization(method.exclusive, False, method.prefixes)
    write_canonical(tree, cast(BinaryIO, sink), plain)
    return sink.hash.digest()
