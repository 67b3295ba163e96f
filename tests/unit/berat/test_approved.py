"""The approved berat: accepted as GİB gives it, refused when anything else comes back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from edefter.berat.approved import ApprovedBerat, check_approved
from edefter.model.environment import Environment
from edefter.model.finding import Layer
from edefter.sandbox.pki import GIB_TAX_NUMBER, SandboxPki
from edefter.signature.seals.pkcs12 import Pkcs12Seal
from tests.support.signed_documents import (
    NOW,
    VKN,
    countersign,
    opened,
    seal_of,
    signed_berat,
    signed_ledger,
)

PACKAGE = f"{VKN}-202601-YB-000000"
ETTN = uuid.UUID("0a3cc0e4-687f-48b5-a313-4cb74d7cfbeb")


@dataclass
class Case:
    pki: SandboxPki
    gib: Pkcs12Seal
    sent: bytes
    ledger_value: str

    def check(self, data: bytes, **changes: Any) -> ApprovedBerat:
        values: dict[str, Any] = {
            "file_name": f"GIB-{PACKAGE}.xml",
            "sent_berat": self.sent,
            "ledger_signature_value": self.ledger_value,
            "anchors": [self.pki.root, self.pki.seal_ca],
            "gib_tax_number": GIB_TAX_NUMBER,
            "environment": Environment.SANDBOX,
            "now": NOW,
        }
        return check_approved(data, **{**values, **changes})


@pytest.fixture(scope="module", params=["rsa", "ec"])
def case(
    pki: SandboxPki, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Case:
    folder = tmp_path_factory.mktemp("approved")
    seal = seal_of(pki, request.param)
    ledger = signed_ledger(folder, seal)
    berat = signed_berat(folder, seal, ledger, ETTN)
    return Case(pki, opened(pki.gib_seal()), berat.file.path.read_bytes(), ledger.signature_value)


def rules(result: ApprovedBerat) -> set[str]:
    return {finding.rule for finding in result.findings}


def refuses(result: ApprovedBerat, *expected: str) -> None:
    assert not result.ok
    assert set(expected) <= rules(result), rules(result)
    for finding in result.findings:
        assert finding.layer in (Layer.CROSS, Layer.SIGNATURE)
        for text in (finding.message_tr, finding.message_en, finding.remedy_tr, finding.remedy_en):
            assert text
            assert "?" not in text


@pytest.mark.parametrize("place", ["new", "old"])
def test_approved(case: Case, place: str) -> None:
    when = NOW - timedelta(minutes=2)
    result = case.check(countersign(case.sent, case.gib, place=place, when=when))
    assert result.ok, [finding.message_en for finding in result.findings]
    assert result.approved_at == when
    assert (result.period_start, result.period_end) == (date(2026, 1, 1), date(2026, 1, 31))
    assert (result.unique_id, result.ettn) == ("YEV202601000001", str(ETTN))
    assert result.ledger_signature_value == case.ledger_value
    assert result.gib_certificate == case.gib.certificate
    assert result.name is not None
    assert result.name.package_id == f"GIB-{PACKAGE}"


def test_month_that_this_machine_does_not_know(case: Case) -> None:
    data = countersign(case.sent, case.gib)
    assert case.check(data, sent_berat=None, ledger_signature_value=None).ok
    refuses(case.check(data.replace(b"46.90.04", b"46.90.05"), sent_berat=None), "SIG-DIGEST")


def test_white_space_in_the_ledgers_value_does_not_matter(case: Case) -> None:
    value = case.ledger_value
    spread = "\n ".join(value[i : i + 76] for i in range(0, len(value), 76))
    assert case.check(countersign(case.sent, case.gib), ledger_signature_value=spread).ok


def test_nothing_came(case: Case) -> None:
    for data in (b"", b" \n"):
        refuses(case.check(data), "SIG-APPROVED-EMPTY")
    refuses(case.check(b"<html>bakimda"), "SIG-NOT-WELL-FORMED")
    refuses(case.check(b"<!DOCTYPE x><x/>"), "SIG-DOCTYPE")
    refuses(case.check(b"<x/>"), "SIG-APPROVED-NOT-BERAT", "SIG-NO-SIGNATURE")


def test_not_countersigned(case: Case) -> None:
    refuses(case.check(case.sent), "SIG-APPROVED-NO-COUNTERSIGNATURE")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"file_name": f"{PACKAGE}.xml"}, "SIG-APPROVED-NAME"),
        ({"file_name": "berat.xml"}, "SIG-APPROVED-NAME"),
        ({"file_name": f"GIB-{VKN}-202601-Y-000000.xml"}, "SIG-APPROVED-NAME"),
        ({"package_id": f"{VKN}-202601-YB-000001"}, "SIG-APPROVED-NAME"),
        ({"file_name": f"GIB-{VKN}-202602-YB-000000.xml"}, "SIG-APPROVED-CONTENT"),
        ({"file_name": f"GIB-{VKN}-202601-KB-000000.xml"}, "SIG-APPROVED-CONTENT"),
        ({"file_name": "GIB-3900383669-202601-YB-000000.xml"}, "SIG-APPROVED-CONTENT"),
        ({"ledger_signature_value": "AAAA"}, "SIG-APPROVED-LEDGER-SIGNATURE"),
        ({"gib_tax_number": "1111111111"}, "SIG-APPROVED-NOT-GIB"),
        ({"anchors": []}, "SIG-NO-ANCHORS"),
        ({"environment": Environment.PRODUCTION}, "SIG-ENVIRONMENT"),
    ],
)
def test_something_else_was_expected(case: Case, changes: dict[str, Any], rule: str) -> None:
    data = countersign(case.sent, case.gib)
    refuses(case.check(data, **changes), rule)
    assert case.check(data, package_id=PACKAGE).ok  # control


def test_package_id_is_compared(case: Case) -> None:
    assert case.check(countersign(case.sent, case.gib), package_id=PACKAGE).ok


def test_another_berat_was_approved(case: Case, tmp_path: Path) -> None:
    """Same month, same seal, other content: GİB's signature is good, but not for our berat."""
    seal = seal_of(case.pki)
    ledger = signed_ledger(tmp_path, seal)
    other = signed_berat(tmp_path, seal, ledger).file.path.read_bytes()
    refuses(
        case.check(countersign(other, case.gib)),
        "SIG-APPROVED-DIFFERS", "SIG-APPROVED-LEDGER-SIGNATURE",
    )  # fmt: skip


def test_touched_content(case: Case) -> None:
    data = countersign(case.sent, case.gib)
    refuses(
        case.check(data.replace(b"46.90.04", b"46.90.05")), "SIG-DIGEST", "SIG-APPROVED-DIFFERS"
    )
    comment = data.replace(b"<ds:KeyInfo>", b"<!-- x --><ds:KeyInfo>", 1)
    refuses(case.check(comment), "SIG-APPROVED-DIFFERS")
    assert case.check(data.replace(b"></link:schemaRef>", b"/>")).ok, "the same after c14n"


def test_countersigned_by_somebody_else(case: Case) -> None:
    refuses(case.check(countersign(case.sent, seal_of(case.pki))), "SIG-APPROVED-NOT-GIB")
    twin = opened(case.pki.issue_seal(GIB_TAX_NUMBER, "GİB", encryption=True, label="gib-encr"))
    refuses(case.check(countersign(case.sent, twin)), "SIG-NOT-SIGNING-CERTIFICATE")
    unmarked = opened(case.pki.issue_seal(GIB_TAX_NUMBER, "GİB", marked=False, label="gib-real"))
    refuses(case.check(countersign(case.sent, unmarked)), "SIG-ENVIRONMENT")


def test_impostor_with_own_root(case: Case, tmp_path: Path) -> None:
    other = SandboxPki(tmp_path)
    refuses(case.check(countersign(case.sent, opened(other.gib_seal()))), "SIG-CHAIN-BROKEN")
    refuses(
        case.check(countersign(case.sent, opened(other.gib_seal())), anchors=[case.pki.tls_root]),
        "SIG-CHAIN-UNTRUSTED",
    )


Edit = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"tamper": True}, "SIG-VALUE"),
        ({"reference_type": "http://example.org/"}, "SIG-COUNTERSIGNED-TYPE"),
        ({"method": "http://www.w3.org/2000/09/xmldsig#rsa-sha1"}, "SIG-SIGNATURE-METHOD"),
        ({"when": NOW + timedelta(hours=1)}, "SIG-TIME-FUTURE"),
    ],
)
def test_bad_countersignature(case: Case, options: dict[str, Any], rule: str) -> None:
    result = case.check(countersign(case.sent, case.gib, **options))
    refuses(result, rule)
    own = [finding for finding in result.findings if finding.rule == rule]
    assert [finding.place.field for finding in own] == ["xades:CounterSignature"]


GIB_BLOCK = b"<xades:CounterSignature>"


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (lambda d: d.replace(b"gib-sp", b"gib-sq", 1), "SIG-UNEXPECTED-REFERENCE"),
        (lambda d: d.replace(b"CounterSignature>", b"CounterSignatur>"),
         "SIG-APPROVED-COUNTERSIGNATURE-PLACE"),
        (lambda d: d.replace(GIB_BLOCK, GIB_BLOCK + b'<ds:Signature Id="q"></ds:Signature>'),
         "SIG-APPROVED-COUNTERSIGNATURE-PLACE"),
        (lambda d: d.replace(b'<xades:SignedProperties Id="gib-sp">',
                             b'<xades:SignedProperties Id="gib-sp"><!-- x --> '), "SIG-DIGEST"),
        (lambda d: d.replace(b'Id="gib"', b'Id="gib-sp"'), "SIG-DUPLICATE-ID"),
        (lambda d: d.replace(b'URI="#Signature_', b'URI="#Signaturx_'), "SIG-UNEXPECTED-REFERENCE"),
    ],
)  # fmt: skip
def test_edited_countersignature(case: Case, edit: Edit, rule: str) -> None:
    data = countersign(case.sent, case.gib)
    head, mark, tail = data.partition(GIB_BLOCK)
    mutant = edit(mark + tail)
    assert mutant != mark + tail
    refuses(case.check(head + mutant), rule)


def test_countersignature_of_another_berat_is_not_accepted(case: Case, tmp_path: Path) -> None:
    """GİB's block cut out of one berat and put into another."""
    seal = seal_of(case.pki)
    other = signed_berat(tmp_path, seal, signed_ledger(tmp_path, seal)).file.path.read_bytes()
    foreign = countersign(other, case.gib)
    start, end = (
        foreign.index(b"<xades:UnsignedProperties>"),
        foreign.rindex(b"</xades:QualifyingProperties>"),
    )
    block = foreign[start:end]
    mark = b"</xades:QualifyingProperties>"
    head, _, tail = case.sent.rpartition(mark)
    refuses(case.check(head + block + mark + tail), "SIG-UNEXPECTED-REFERENCE")
