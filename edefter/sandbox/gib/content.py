"""What is inside an uploaded package: zip, documents, signatures, and how they belong together."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edefter.model.documents import DocumentName, Kind
from edefter.sandbox.gib import books, dsig, xades
from edefter.sandbox.gib.books import WrongContent
from edefter.sandbox.gib.dsig import BadSignature
from edefter.sandbox.gib.trust import Trust

MAX_DOCUMENT_BYTES = 200 * 1024 * 1024
LAST_KEBIR_PERIOD = "202412"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of processing.

    Args:
        stage: `berat` or `ledger`, where an error was found; empty = all good.
        error: Turkish text of the error.
        berat: bytes of the berat, when all is good.
    """

    stage: str = ""
    error: str = ""
    berat: bytes = b""


def members_of(name: DocumentName) -> list[str]:
    """File names that a package of this name must hold, berat first."""
    if name.kind is Kind.DR or (name.kind is Kind.KB and name.period.compact > LAST_KEBIR_PERIOD):
        return [name.xml]
    return [name.xml, name.with_kind(name.kind.ledger).xml]


def process(
    path: Path,
    name: DocumentName,
    trust: Trust,
    now: datetime,
    consents: Mapping[str, list[str]],
) -> Outcome:
    """Check a package as GİB's two queues do: the berat first, then the ledger.

    Args:
        path: the zip as received.
        name: of the package.
        trust: accepted signers.
        now: GİB's clock.
        consents: per taxpayer, who else may sign.
    """
    signers = {name.tax_number, *consents.get(name.tax_number, [])}
    stage = "berat"
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive, members_of(name))
            berat = _read(archive, name.xml)
            berat_facts, _ = _document(berat, name, trust, now, signers)
            if len(archive.namelist()) == 2:
                stage = "ledger"
                ledger_name = name.with_kind(name.kind.ledger)
                ledger = _read(archive, ledger_name.xml)
                facts, value = _document(ledger, ledger_name, trust, now, signers)
                if berat_facts.ledger_signature != value:
                    raise WrongContent("berattaki imza değeri defterin imzası değil")
                books.compare(berat_facts, facts, len(ledger), name.kind)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return Outcome(stage, "Zip dosyası açılamadı")
    except (WrongContent, BadSignature, ValueError) as error:
        return Outcome(stage, str(error))
    return Outcome(berat=berat)


def _document(
    data: bytes, name: DocumentName, trust: Trust, now: datetime, signers: set[str]
) -> tuple[books.Facts, str]:
    root = dsig.parse(data)
    try:
        signed = xades.check_document(root, trust, now)
    except BadSignature as error:
        raise BadSignature(f"Geçersiz imza ({name.xml}): {error}") from None
    if signed.tax_number not in signers:
        raise BadSignature(f"Geçersiz imza ({name.xml}): imza sahibi yetkili değil")
    try:
        return books.read(signed.root, name), signed.signature_value
    except WrongContent as error:
        raise WrongContent(f"{name.xml}: {error}") from None


def _check_members(archive: zipfile.ZipFile, wanted: list[str]) -> None:
    infos = archive.infolist()
    if sorted(info.filename for info in infos) != sorted(wanted):
        raise WrongContent(f"Pakette yalnızca {' ve '.join(wanted)} bulunmalı")
    for info in infos:
        if info.flag_bits & 1 or info.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise WrongContent("Paket şifreli ya da desteklenmeyen biçimde sıkıştırılmış")


def _read(archive: zipfile.ZipFile, member: str) -> bytes:
    with archive.open(member) as source:
        data = source.read(MAX_DOCUMENT_BYTES + 1)
    if len(data) > MAX_DOCUMENT_BYTES:
        raise WrongContent(f"{member} 200 MB'tan büyük")
    return data
