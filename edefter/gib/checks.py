"""What the client itself checks on a package before a byte goes to GİB (§4)."""

from __future__ import annotations

import zipfile

from edefter.atomic import sha256_file
from edefter.gib.package import expected_members, refuse
from edefter.model.files import Package
from edefter.model.identity import TaxId

MAX_MEMBER_BYTES = 200 * 1024 * 1024
_METHODS = (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)


def check_package(package: Package, *, max_package_bytes: int, kebir_upload_until: str) -> None:
    """Refuse a package that GİB would refuse for its name, size or members.

    Args:
        package: as built.
        max_package_bytes: largest zip that we send.
        kebir_upload_until: last period (YYYYMM) whose kebir goes with KB.

    Raises:
        PackageRefused: with the first reason found; nothing was sent.
        OSError: the file cannot be read.
    """
    name = package.name
    try:
        TaxId(name.tax_number)
        wanted = {member.xml for member in expected_members(name, kebir_upload_until)}
    except ValueError:
        raise refuse(name, "paket adı kurala uymuyor", "the package name breaks the rule") from None
    size = package.path.stat().st_size
    if size != package.size_bytes or sha256_file(package.path) != package.sha256:
        raise refuse(name, "dosya kaydedilenden farklı", "the file differs from what was recorded")
    if size > max_package_bytes:
        raise refuse(
            name,
            f"{size} bayt, sınır {max_package_bytes} bayt; ayı daha küçük parçalara bölün",
            f"{size} bytes, the limit is {max_package_bytes}; split the month into smaller parts",
        )
    try:
        with zipfile.ZipFile(package.path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile:
        raise refuse(name, "dosya zip değil", "the file is no zip") from None
    found = [member.filename for member in members]
    if sorted(found) != sorted(wanted):
        raise refuse(
            name,
            f"içinde {', '.join(sorted(wanted))} olmalı, {', '.join(found) or 'hiçbir şey'} var",
            f"must hold {', '.join(sorted(wanted))}, holds {', '.join(found) or 'nothing'}",
        )
    for member in members:
        if member.flag_bits & 1 or member.compress_type not in _METHODS:
            raise refuse(
                name,
                f"{member.filename} şifreli veya desteklenmeyen biçimde sıkıştırılmış",
                f"{member.filename} is encrypted or compressed by another method",
            )
        if not 0 < member.file_size <= MAX_MEMBER_BYTES:
            raise refuse(
                name,
                f"{member.filename} boş veya 200 MB'tan büyük",
                f"{member.filename} is empty or larger than 200 MB",
            )
