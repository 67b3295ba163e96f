"""The official e-Defter package that a user downloaded: checked, and kept by hash.

`<folder>/<sha256>.zip` is the file as it came, `<folder>/<sha256>.json` what was found in it at
import. Nothing is unpacked to disk. Several packages may be kept; the one imported last is used
unless another is named.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from edefter.atomic import atomic_writer, sha256_file, write_bytes
from edefter.errors import ConfigError
from edefter.validation.official.members import (
    ENDINGS,
    FAMILIES,
    MAX_FILE_BYTES,
    Member,
    find_members,
)
from edefter.validation.official.zip_check import BadZip, check_zip

MAX_ZIP_BYTES = 500_000_000
MAX_RULE_BYTES = 50_000_000  # schema and rule files together, unpacked
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class OfficialPackage:
    """A kept package.

    Args:
        path: the kept zip.
        sha256: of the zip, lower-case hex.
        source: name of the file that was imported.
        imported: ISO instant of the last import, UTC.
        file_count: files in it.
        version: as the package itself says (schema, file or folder name); empty = it does not say.
        newest: ISO date of its youngest schema or rule file; empty = not known.
        schema: path of the main schema in the zip.
        rules: path of the rule file in the zip by family (Y K B R E EB).
    """

    path: Path
    sha256: str
    source: str
    imported: str
    file_count: int
    version: str
    newest: str
    schema: str
    rules: dict[str, str]

    @property
    def families(self) -> str:
        """Families that it has rules for, in their usual order."""
        return " ".join(family for family in FAMILIES if family in self.rules)

    def files(self) -> dict[str, bytes]:
        """Its schema and rule files by path, after the zip has been compared with its hash.

        Raises:
            ConfigError: the kept zip is gone or was changed.
        """
        try:
            if sha256_file(self.path) == self.sha256:
                with zipfile.ZipFile(self.path) as archive:
                    return {item.path: item.data for item in _members(archive)}
        except (OSError, zipfile.BadZipFile):
            pass
        raise ConfigError("official.changed", path=str(self.path))


def import_package(source: Path, folder: Path) -> OfficialPackage:
    """Check the zip and keep it.

    Args:
        source: the downloaded zip.
        folder: where packages are kept; made when missing.

    Returns:
        The kept package. Importing the same file again only makes it the one imported last.

    Raises:
        ConfigError: no zip, damaged, hostile (paths, links, twins, bombs, encrypted), or no
            e-Defter package (it must hold the schema and rules of at least one family).
        OSError: the folder cannot be written.
    """
    try:
        if source.stat().st_size > MAX_ZIP_BYTES:
            limit = MAX_ZIP_BYTES // 1_000_000
            raise BadZip("zip_bomb", member=source.name, limit=limit)
        digest = sha256_file(source)
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_writer(folder / f"{digest}.zip") as sink:
            _copy(source, sink, digest)
            package = _examine(Path(sink.name), source.name, folder, digest)
    except FileNotFoundError:
        raise ConfigError("official.no_file", path=str(source)) from None
    except IsADirectoryError:
        raise ConfigError("official.no_file", path=str(source)) from None
    except BadZip as error:
        raise ConfigError(f"official.{error.key}", path=str(source), **error.facts) from None
    plain = {**asdict(package), "path": package.path.name}
    text = json.dumps(plain, ensure_ascii=False, indent=1)
    write_bytes(folder / f"{digest}.json", text.encode("utf-8"))
    return package


def _copy(source: Path, sink: Any, digest: str) -> None:
    """Copy what is then checked: the file itself could change in between."""
    seen = hashlib.sha256()
    with source.open("rb") as data:
        while chunk := data.read(_CHUNK):
            seen.update(chunk)
            sink.write(chunk)
    sink.flush()
    if seen.hexdigest() != digest:
        raise BadZip("zip_damaged", detail=source.name)


def _examine(copy: Path, source: str, folder: Path, digest: str) -> OfficialPackage:
    files = check_zip(copy)
    with zipfile.ZipFile(copy) as archive:
        members = list(_members(archive))
    if sum(len(member.data) for member in members) > MAX_RULE_BYTES:
        raise BadZip("zip_bomb", member=source, limit=MAX_RULE_BYTES // 1_000_000)
    folders = sorted({part for item in files for part in PurePosixPath(item.filename).parts[:-1]})
    found = find_members(members, [Path(source).stem, *folders])
    if not found.schema:
        raise BadZip("no_schema")
    if not found.rules:
        raise BadZip("no_rules")
    return OfficialPackage(
        path=folder / f"{digest}.zip",
        sha256=digest,
        source=source,
        imported=datetime.now(UTC).isoformat(timespec="microseconds"),
        file_count=len(files),
        version=found.version,
        newest=found.newest.isoformat() if found.newest else "",
        schema=found.schema,
        rules=found.rules,
    )


def _members(archive: zipfile.ZipFile) -> Iterator[Member]:
    for item in archive.infolist():
        wanted = item.filename.lower().endswith(ENDINGS) and not item.is_dir()
        if wanted and item.file_size <= MAX_FILE_BYTES:
            year, month, day = item.date_time[:3]
            try:
                modified = date(year, month, day)
            except ValueError:  # a date of zeros
                modified = date(1980, 1, 1)
            yield Member(item.filename, modified, archive.read(item))


def list_packages(folder: Path) -> list[OfficialPackage]:
    """Kept packages, the one imported last first; records without a zip are left out."""
    found: list[OfficialPackage] = []
    for record in folder.glob("*.json"):
        try:
            plain = json.loads(record.read_text(encoding="utf-8"))
            package = OfficialPackage(**{**plain, "path": record.with_suffix(".zip")})
        except (OSError, ValueError, TypeError):
            continue
        if package.path.is_file() and package.path.stem == package.sha256:
            found.append(package)
    return sorted(found, key=lambda item: item.imported, reverse=True)


def choose_package(folder: Path, choice: str = "") -> OfficialPackage:
    """The package to use.

    Args:
        folder: where packages are kept.
        choice: beginning of the SHA-256 of one of them; empty = the one imported last.

    Raises:
        ConfigError: none is kept, none begins like that, or several do.
    """
    packages = list_packages(folder)
    if not packages:
        raise ConfigError("official.none")
    if not choice:
        return packages[0]
    fitting = [item for item in packages if item.sha256.startswith(choice.lower())]
    if len(fitting) != 1:
        known = ", ".join(item.sha256[:12] for item in packages)
        key = "official.ambiguous" if fitting else "official.unknown"
        raise ConfigError(key, choice=choice, known=known)
    return fitting[0]
