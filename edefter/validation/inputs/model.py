"""One thing to judge, and the names of documents."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edefter.model.documents import DocumentName
from edefter.model.finding import Finding, Layer, Place, Severity
from edefter.telling import shorten, told
from edefter.validation.inputs.limits import Limits

_WARNINGS = frozenset({"ZIP-03", "ZIP-13", "FILE-01"})
"""What is told but does not keep a document from being judged."""


OUR_FAULTS = frozenset({"FILE-03", "FILE-04"})
"""What is wrong with us and not with the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A document to judge, or a file or zip that is not judged for the reasons given.

    Args:
        name: file name without folders; some rules compare it with the content.
        shown: how the user knows it: the path as given, members as `paket.zip/ay/ad.xml`.
        file: where its bytes are; None = it cannot be judged, `findings` say why.
        is_document: False for a zip or link itself.
        findings: what is wrong with it before it is looked into.
    """

    name: str
    shown: str
    file: Path | None = None
    is_document: bool = True
    findings: tuple[Finding, ...] = ()


def document_name(name: str) -> DocumentName | None:
    """The parts of an e-Defter document's file name; the ending in any case; None = it is none."""
    if not name.lower().endswith(".xml"):
        return None
    try:
        return DocumentName.parse(name[:-4])
    except ValueError:
        return None


def is_zip_name(name: str) -> bool:
    """Whether a file name says that it is a zip."""
    return name.lower().endswith(".zip")


def trouble(file: str, error: Exception) -> Finding:
    """The finding for an exception: the file cannot be read, or there is a defect of ours.

    A defect is told by its place, without the error's text: that may hold voucher data.
    """
    if isinstance(error, OSError):
        return finding("FILE-02", file, detail=error.strerror or type(error).__name__)
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return finding("FILE-04", file, detail=f"{type(error).__name__}, {where}")


def finding(
    rule: str, file: str, value: str = "", *, limits: Limits | None = None, **facts: Any
) -> Finding:
    """A finding `ZIP-nn` or `FILE-nn`; its sentence is the message of that name.

    Args:
        rule: the id.
        file: name of the file that it stands at.
        value: the offending name inside it.
        limits: those that the sentence may name.
        facts: what else it needs besides `file` and `value`.
    """
    limits = limits or Limits()
    told_limits = {
        "limit": limits.members,
        "member_mb": limits.member_bytes >> 20,
        "zip_mb": limits.zip_bytes >> 20,
        "ratio": limits.ratio,
    }
    return told(
        f"inputs.{rule}",
        {"file": shorten(file), "value": shorten(value), **told_limits, **facts},
        rule=rule,
        layer=Layer.RUN,
        place=Place(file=file),
        severity=Severity.WARNING if rule in _WARNINGS else Severity.ERROR,
        value=shorten(value),
    )
