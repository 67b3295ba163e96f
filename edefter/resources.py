"""Where shipped schemas, anchors and samples are: the checkout's folders or the wheel's copies."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def schemas_dir() -> Path:
    """Folder of our XSD set and viewing XSLT."""
    return _first(_HERE / "_schemas", _HERE.parent / "schemas")


def certs_dir() -> Path:
    """Folder of the trust anchors, one sub-folder per environment."""
    return _first(_HERE / "_certs", _HERE.parent / "certs")


def samples_dir() -> Path:
    """Folder of the sample company's registration and accounting database."""
    return _first(_HERE / "_samples", _HERE.parent / "samples")


def _first(*candidates: Path) -> Path:
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"installation is incomplete: none of {candidates} exists")
