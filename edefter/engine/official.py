"""The official e-Defter package that a user downloaded: checked, and kept by hash."""

from __future__ import annotations

import shutil
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from edefter.atomic import atomic_writer, sha256_file
from edefter.errors import ConfigError

MAX_MEMBERS = 5_000
MAX_TOTAL_BYTES = 500_000_000
MAX_RATIO = 200


@dataclass(frozen=True, slots=True)
class OfficialPackage:
    """A kept package: where it is, its SHA-256 (hex), number of files in it."""

    path: Path
    sha256: str
    file_count: int


def import_package(source: Path, folder: Path) -> OfficialPackage:
    """Check the zip and keep it as `<folder>/<sha256>.zip`.

    Args:
        source: the downloaded zip.
        folder: where packages are kept; made when missing.

    Returns:
        The kept package; importing the same file twice is a no-op.

    Raises:
        ConfigError: no zip, damaged, hostile (paths, links, bomb), or no e-Defter package
            (it must hold schema and Schematron files).
    """
    try:
        with zipfile.ZipFile(source) as archive:
            problem = _problem(archive)
            count = len(archive.infolist())
    except FileNotFoundError:
        raise ConfigError("engine.no_file", path=str(source)) from None
    except (zipfile.BadZipFile, OSError) as error:
        raise ConfigError("engine.bad_package", path=str(source), problem=str(error)) from None
    if problem:
        raise ConfigError("engine.bad_package", path=str(source), problem=problem)
    digest = sha256_file(source)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{digest}.zip"
    if not target.exists():
        with source.open("rb") as data, atomic_writer(target) as sink:
            shutil.copyfileobj(data, sink, 1 << 20)
    return OfficialPackage(target, digest, count)


def _problem(archive: zipfile.ZipFile) -> str:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(m.file_size for m in members) > MAX_TOTAL_BYTES:
        return "too many or too large members"
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in member.filename:
            return f"member outside the package: {member.filename}"
        if stat.S_ISLNK(member.external_attr >> 16):
            return f"link: {member.filename}"
        if member.flag_bits & 1:
            return f"encrypted: {member.filename}"
        if member.file_size > MAX_RATIO * max(member.compress_size, 1):
            return f"suspicious compression: {member.filename}"
    broken = archive.testzip()
    if broken:
        return f"damaged: {broken}"
    endings = {PurePosixPath(m.filename).suffix.lower() for m in members}
    if ".xsd" not in endings or not endings & {".sch", ".xslt", ".xsl"}:
        return "no schema or no rule files inside"
    return ""
