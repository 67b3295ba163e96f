"""The signed samples: one of each kind, valid alone and together, and as their verifiers say."""

from __future__ import annotations

from pathlib import Path

import pytest

from edefter.model.documents import DocumentName, Kind
from edefter.signature.verify import verify_file
from edefter.validation import validate
from edefter.validation.sets import Judged, check_set

SIGNED = Path(__file__).resolve().parents[3] / "samples" / "signed"
FILES = sorted(SIGNED.glob("*.xml"))


def _judge(path: Path) -> Judged:
    with path.open("rb") as stream:
        return Judged(path, validate(stream, path.name, own=True))


def test_there_is_one_of_each_kind() -> None:
    kinds = [DocumentName.parse(path.name).kind for path in FILES]
    assert sorted(kinds) == sorted(Kind)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_is_valid_and_signed(path: Path) -> None:
    assert list(_judge(path).report.findings) == []
    verified = verify_file(path, must_be_canonical=True)
    assert verified.ok and verified.canonical


def test_they_agree_with_each_other() -> None:
    assert [list(each.findings) for each in check_set(map(_judge, FILES), own=True)] == [[]]


def test_they_are_the_golden_ledgers() -> None:
    for kind in (Kind.Y, Kind.K, Kind.E):
        (path,) = SIGNED.glob(f"*-{kind}-*.xml")
        unsigned = (SIGNED.parent / "golden" / path.name).read_bytes()
        end = b"</edefter:defter>"
        assert path.read_bytes().startswith(unsigned.removesuffix(end))
