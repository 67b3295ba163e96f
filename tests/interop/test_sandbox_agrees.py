"""Two implementations of one profile: the client's, and the simulated GİB's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from edefter.berat.approved import check_approved
from edefter.model.documents import Kind
from edefter.model.environment import Environment
from edefter.sandbox.gib import dsig
from edefter.sandbox.gib.countersign import CounterSeal, countersign
from edefter.sandbox.gib.trust import Trust
from edefter.sandbox.gib.xades import check_document
from edefter.sandbox.pki import GIB_TAX_NUMBER, SandboxPki
from tests.support.signed_documents import NOW, VKN, seal_of, signed_berat, signed_ledger


@pytest.mark.parametrize("key", ["rsa", "ec"])
@pytest.mark.parametrize("kind", [Kind.Y, Kind.K])
def test_sent_and_approved(pki: SandboxPki, tmp_path: Path, key: str, kind: Kind) -> None:
    seal = seal_of(pki, key)
    ledger = signed_ledger(tmp_path, seal, kind)
    berat = signed_berat(tmp_path, seal, ledger)
    for file in (ledger, berat):
        data = file.file.path.read_bytes()
        verified = check_document(dsig.parse(data), Trust(pki.folder), NOW)
        assert verified.signature_value == file.signature_value
        assert verified.tax_number == VKN
    sent = berat.file.path.read_bytes()
    approved = countersign(sent, CounterSeal(pki.gib_seal().path), NOW)
    result = check_approved(
        approved, file_name=f"GIB-{berat.file.name.xml}", package_id=berat.file.name.package_id,
        sent_berat=sent, ledger_signature_value=ledger.signature_value,
        anchors=[pki.root, pki.seal_ca], gib_tax_number=GIB_TAX_NUMBER,
        environment=Environment.SANDBOX, now=NOW,
    )  # fmt: skip
    assert result.ok, [finding.message_en for finding in result.findings]
    assert result.approved_at == NOW


def test_both_refuse_a_changed_byte(pki: SandboxPki, tmp_path: Path) -> None:
    data = signed_ledger(tmp_path, seal_of(pki)).file.path.read_bytes()
    for old, new in ((b"46.90.04", b"46.90.05"), (b'.xslt"?>', b'.xslu"?>')):
        with pytest.raises(dsig.BadSignature):
            check_document(dsig.parse(data.replace(old, new)), Trust(pki.folder), NOW)
