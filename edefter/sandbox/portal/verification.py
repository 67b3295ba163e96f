"""The portal's own checks of what it holds (portal.md §6): nothing is taken from the client."""

from __future__ import annotations

import hashlib
import re
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from edefter.sandbox.portal.storage import file_sha256

DS = "{http://www.w3.org/2000/09/xmldsig#}"
EDEFTER = "{http://www.edefter.gov.tr}"
MOST_MEMBERS = 1000
MOST_RATIO = 200
NAME = re.compile(
    r"(?P<gib>GIB-)?(?P<tax>\d{10,11})-(?P<period>\d{6})-(?P<kind>YB|KB|EB|DR|Y|K|E)"
    r"-(?P<part>\d{6})(?:-(?P<branch>(?!0000)\d{4}))?\.xml",
    flags=re.ASCII,
)
ROOTS = {"Y": "defter", "K": "defter", "E": "defter", "DR": "defterraporu"}


class Refused(Exception):
    """A check failed: problem slug and an English sentence."""

    def __init__(self, slug: str, detail: str) -> None:
        super().__init__(detail)
        self.slug = slug
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Signatures:
    """SignatureValue texts of a document, white space removed.

    Args:
        root: local name of the root.
        bound: the ledger's value that a berat carries below its root; empty for a ledger.
        own: the value of the taxpayer's own signature.
    """

    root: str
    bound: str
    own: str


def read_document(path: Path) -> Signatures:
    """Read an XML document in one pass with little memory.

    Raises:
        Refused: not well-formed, or with a DOCTYPE.
    """
    root, bound, own = "", "", ""
    depth = 0
    try:
        events = etree.iterparse(
            path, events=("start", "end"),
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True,
        )  # fmt: skip
        for event, element in events:
            if event == "start":
                depth += 1
                if depth == 1:
                    root = _root_name(element)
                continue
            depth -= 1
            if element.tag == f"{DS}SignatureValue":
                value = "".join((element.text or "").split())
                parent = element.getparent()
                if depth == 1:
                    bound = value
                elif not own and parent is not None and _is_own(parent):
                    own = value
            elif element.tag.rpartition("}")[2] in ("entryDetail", "entryHeader"):
                # Ledgers are large: what was read is not needed again.
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise Refused("bad-metadata", f"XML is not well-formed: {error.msg}") from None
    return Signatures(root, bound, own)


def _root_name(element: Any) -> str:
    if element.getroottree().docinfo.doctype:
        raise Refused("bad-metadata", "a DOCTYPE is not allowed")
    return str(etree.QName(element).localname)


def _is_own(signature: Any) -> bool:
    """Whether a ds:Signature stands directly below the root (not in a counter-signature)."""
    parent = signature.getparent()
    return parent is not None and parent.getparent() is None


def check_name(name: str, declared: dict[str, Any]) -> None:
    """The file name says what was declared.

    Raises:
        Refused: it does not.
    """
    match = NAME.fullmatch(name)
    if match is None:
        raise Refused("bad-package-name", f"not an e-Defter file name: {name}")
    kind = f"{match['gib'] or ''}{match['kind']}"
    said = (match["tax"], match["period"], kind, match["part"], match["branch"] or "")
    wanted = tuple(declared[key] for key in ("firm", "period", "kind", "part", "branch"))
    if said != wanted:
        raise Refused("bad-package-name", f"{name} is not what was declared")


def check_content(archive: dict[str, Any], path: Path) -> Signatures | None:
    """Size, SHA-256 and form of a stored file; signatures of an XML document.

    Raises:
        Refused: see portal.md §7 for the slugs.
    """
    if path.stat().st_size != archive["size"]:
        raise Refused("hash-mismatch", "the size differs from the declared one")
    if file_sha256(path) != archive["sha256"]:
        raise Refused("hash-mismatch", "the SHA-256 differs from the declared one")
    if archive["kind"] == "BUNDLE":
        check_bundle(archive, path)
        return None
    check_name(archive["file_name"], archive)
    found = read_document(path)
    wanted = ROOTS.get(archive["kind"], "berat")
    if found.root != wanted:
        raise Refused("bad-metadata", f"root is {found.root}, expected {wanted}")
    return found


def check_bundle(archive: dict[str, Any], path: Path) -> None:
    """Members of a zip: guarded reading, names of the period, hashes as declared.

    Raises:
        Refused: `bad-zip`, `bad-package-name` or `member-mismatch`.
    """
    try:
        with zipfile.ZipFile(path) as bundle:
            rows = bundle.infolist()
            if len(rows) > MOST_MEMBERS:
                raise Refused("bad-zip", "too many members")
            found = []
            for row in rows:
                _check_member(row)
                match = NAME.fullmatch(row.filename)
                if match and (match["tax"], match["period"]) != (
                    archive["firm"], archive["period"],
                ):  # fmt: skip
                    raise Refused("bad-package-name", f"{row.filename} is of another period")
                with bundle.open(row) as member:
                    digest = hashlib.file_digest(member, "sha256")  # type: ignore[arg-type]
                found.append(
                    {"name": row.filename, "size": row.file_size, "sha256": digest.hexdigest()}
                )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise Refused("bad-zip", f"not a usable zip: {error}") from None
    if sorted(found, key=str) != sorted(archive["members"], key=str):
        raise Refused("member-mismatch", "members differ from the declared ones")


def _check_member(row: zipfile.ZipInfo) -> None:
    name = row.filename
    if "/" in name or "\\" in name or name.startswith("."):
        raise Refused("bad-zip", "a member has a path")
    if stat.S_ISLNK(row.external_attr >> 16):
        raise Refused("bad-zip", "a member is a link")
    if row.file_size > MOST_RATIO * max(row.compress_size, 1):
        raise Refused("bad-zip", "a member is packed too tightly")


def check_pairs(archive: dict[str, Any], others: list[dict[str, Any]]) -> None:
    """Ledger ↔ berat and berat ↔ approved berat, with whatever the portal holds of the part.

    Args:
        archive: the one being verified, with `signature_bound` and `signature_own`.
        others: stored archives of the same firm, period, part and branch.

    Raises:
        Refused: `signature-mismatch`.
    """
    held = {row["kind"]: row for row in [*others, archive]}
    for ledger, berat in (("Y", "YB"), ("K", "KB"), ("E", "EB")):
        approved = f"GIB-{berat}"
        if archive["kind"] not in (ledger, berat, approved):
            continue
        for kind in (berat, approved):
            if ledger in held and kind in held:
                _same(held[ledger], "signature_own", held[kind], "signature_bound")
        if berat in held and approved in held:
            _same(held[berat], "signature_bound", held[approved], "signature_bound")
            _same(held[berat], "signature_own", held[approved], "signature_own")


def _same(left: dict[str, Any], name: str, right: dict[str, Any], other: str) -> None:
    if left.get(name, "") != right.get(other, ""):
        raise Refused(
            "signature-mismatch",
            f"SignatureValue of {left['file_name']} and {right['file_name']} differ",
        )
