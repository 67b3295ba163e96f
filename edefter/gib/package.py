"""The zip that goes to GİB: which members, and how it is written (§4, lifecycle.md §6)."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from pathlib import Path
from typing import IO, Any, BinaryIO

from lxml import etree

from edefter.atomic import atomic_writer, sha256_file
from edefter.gib.deflating import CHUNK_BYTES, Deflated, compressor
from edefter.gib.errors import PackageRefused
from edefter.model.documents import DocumentName, Kind
from edefter.model.files import Package, SignedFile, StoredFile

_SIGNATURE_VALUE = "{http://www.w3.org/2000/09/xmldsig#}SignatureValue"


def expected_members(name: DocumentName, kebir_upload_until: str) -> tuple[DocumentName, ...]:
    """The documents that a package of that name holds: the berat, and its ledger where it goes.

    Args:
        name: the package's name.
        kebir_upload_until: last period (YYYYMM) whose kebir is uploaded with its berat.

    Raises:
        ValueError: no package bears such a name.
    """
    if name.approved or name.kind not in (Kind.YB, Kind.KB, Kind.EB, Kind.DR):
        raise ValueError(f"no package is named {name}")
    if name.kind is Kind.DR:
        return (name,)
    if name.kind is Kind.KB and name.period.compact > kebir_upload_until:
        return (name,)
    return (name, name.with_kind(name.kind.ledger))


def refuse(name: DocumentName, reason_tr: str, reason_en: str) -> PackageRefused:
    """The refusal of a package, with its reason in both languages."""
    return PackageRefused(
        "gib.package_refused", package=name.stem, reason_tr=reason_tr, reason_en=reason_en
    )


def build_package(
    named: SignedFile,
    ledger: SignedFile | None,
    folder: Path,
    *,
    kebir_upload_until: str,
    deflate: str = "zlib",
    ahead: Deflated | None = None,
) -> Package:
    """Zip a signed berat, with its ledger where GİB wants it, as `folder/<berat>.zip`; or a report.

    The same files give the same bytes with one version of the compressing library: fixed times,
    sorted members, one level. What a package *is* is said by the hashes of its members.

    Args:
        named: what names the package: the signed berat, or the signed defter raporu.
        ledger: the signed ledger that the berat was made from; None = it is a report.
        folder: existing folder; an older zip of that name is replaced whole.
        kebir_upload_until: last period (YYYYMM) whose kebir goes with KB (lifecycle.md §6).
        deflate: `fast` or `zlib`, as of `GibSettings`.
        ahead: the ledger, compressed already; used if it is that ledger, compressed in that way.

    Raises:
        PackageRefused: names do not fit, the berat does not carry the ledger's SignatureValue,
            or a file is not the one that was signed.
        OSError: disk full, no permission and the like; nothing half-written is left.
    """
    name = named.file.name
    wanted = expected_members(name, kebir_upload_until)
    own_ledger = name.with_kind(name.kind.ledger) if name.kind.is_berat else None
    if (ledger.file.name if ledger else None) != own_ledger:
        raise refuse(name, "defter ile berat aynı parçaya ait değil", "ledger and berat differ")
    if ledger is not None:
        _check_binding(named, ledger)
    files = {signed.file.name: signed.file for signed in (named, ledger) if signed}
    members = tuple(sorted((files[member] for member in wanted), key=lambda f: f.name.xml))
    target = folder / name.zip
    with (
        atomic_writer(target) as sink,
        zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
    ):
        for member in members:
            info = zipfile.ZipInfo(member.name.xml, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            info.file_size = member.size_bytes
            with archive.open(info, "w") as entry:
                if ahead is not None and _is_of(ahead, member, deflate):
                    _insert(ahead, entry)
                else:
                    _choose(entry, deflate)
                    with member.path.open("rb") as source:
                        if _copy(source, entry) != member.sha256:
                            raise _changed(name, member)
        for file in files.values():
            if file not in members and sha256_file(file.path) != file.sha256:
                raise _changed(name, file)
    return Package(
        path=target,
        name=name,
        size_bytes=target.stat().st_size,
        sha256=sha256_file(target),
        members=members,
    )


def _is_of(ahead: Deflated, member: StoredFile, deflate: str) -> bool:
    return (ahead.name, ahead.sha256, ahead.deflate) == (member.name, member.sha256, deflate)


def _choose(entry: Any, deflate: str) -> None:
    """Choose the library; zipfile offers no way of its own, and the format is deflate alike."""
    entry._compressor = compressor(deflate)


class _AsItIs:
    """In the place of a compressor: what comes is compressed already."""

    def compress(self, data: bytes) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


def _insert(ahead: Deflated, entry: Any) -> None:
    """Write a member that is compressed already; zipfile has no way of its own to do it."""
    entry._compressor = _AsItIs()
    with ahead.path.open("rb") as source:
        shutil.copyfileobj(source, entry, CHUNK_BYTES)
    entry._file_size, entry._crc = ahead.size_bytes, ahead.crc32


def _changed(name: DocumentName, file: StoredFile) -> PackageRefused:
    return refuse(
        name,
        f"{file.name.xml} imzalandıktan sonra değişmiş",
        f"{file.name.xml} was changed after signing",
    )


def _copy(source: BinaryIO, sink: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK_BYTES):
        digest.update(chunk)
        sink.write(chunk)
    return digest.hexdigest()


def _check_binding(berat: SignedFile, ledger: SignedFile) -> None:
    """The berat (small) must carry the SignatureValue of its ledger as a child of its root."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.parse(str(berat.file.path), parser).getroot()
    except etree.XMLSyntaxError:
        raise refuse(berat.file.name, "berat okunamıyor", "the berat is not XML") from None
    value = "".join((root.findtext(_SIGNATURE_VALUE) or "").split())
    if not value or value != "".join(ledger.signature_value.split()):
        raise refuse(
            berat.file.name,
            "berattaki imza değeri defterin imzasına eşit değil",
            "the berat does not carry its ledger's SignatureValue",
        )
