"""The month end as everybody builds it: rows → trees → XMLSchema → signxml → zip.

    python -m benchmarks.naive DATABASE FOLDER

Nothing here is the product's but the text of a ledger's head. All rows are held in memory, each
ledger is one lxml tree, it is validated by the XSD alone, signed by signxml and zipped by zipfile.
Prints one JSON line: seconds by stage, peak memory in bytes.
"""

from __future__ import annotations

import json
import sys
import time
import zipfile
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from lxml import etree
from signxml import CanonicalizationMethod, methods
from signxml.signer import XMLSigner

from benchmarks import ledgers
from benchmarks.figures import peak_rss_bytes
from edefter.ledger.head_xml import END, prologue
from edefter.model.documents import Kind
from edefter.sandbox.pki import SandboxPki
from edefter.validation.schema.schema_set import schema

_COR = "{http://www.xbrl.org/int/gl/cor/2006-10-25}"
_BUS = "{http://www.xbrl.org/int/gl/bus/2006-10-25}"
_MUC = "{http://www.xbrl.org/int/gl/muc/2006-10-25}"
_DS = "http://www.w3.org/2000/09/xmldsig#"
_CONTEXT = {Kind.Y: "journal_context", Kind.K: "ledger_context"}


class _Writer:
    def __init__(self, kind: Kind) -> None:
        self._context = _CONTEXT[kind]
        self.yevmiye = kind is Kind.Y

    def fact(self, parent: Any, name: str, value: object, unit: str = "") -> None:
        if value is None:
            return
        element = etree.SubElement(parent, name)
        element.set("contextRef", self._context)
        if unit:
            element.set("decimals", "INF")
            element.set("unitRef", unit)
        element.text = str(value)

    def line(self, header: Any, row: Any) -> None:
        detail = etree.SubElement(header, _COR + "entryDetail")
        self.fact(detail, _COR + "lineNumber", row.line_no)
        self.fact(detail, _COR + "lineNumberCounter", row.entry_no, "countable")
        account = etree.SubElement(detail, _COR + "account")
        self.fact(account, _COR + "accountMainID", row.main_account)
        self.fact(account, _COR + "accountMainDescription", row.main_description)
        if row.sub_account is not None:
            sub = etree.SubElement(account, _COR + "accountSub")
            self.fact(sub, _COR + "accountSubDescription", row.sub_description)
            self.fact(sub, _COR + "accountSubID", row.sub_account)
        self.fact(detail, _COR + "amount", row.amount, "try")
        if row.amount_currency is not None:
            self.fact(detail, _MUC + "amountCurrency", "iso4217:" + row.amount_currency)
        self.fact(detail, _MUC + "amountOriginalExchangeRateDate", row.original_rate_date)
        self.fact(detail, _MUC + "amountOriginalAmount", row.original_amount, "try")
        if row.original_currency is not None:
            self.fact(detail, _MUC + "amountOriginalCurrency", "iso4217:" + row.original_currency)
        self.fact(detail, _MUC + "amountOriginalExchangeRate", row.original_rate, "try")
        self.fact(detail, _COR + "debitCreditCode", row.dc)
        self.fact(detail, _COR + "postingDate", row.posting_date)
        self.fact(detail, _COR + "documentType", row.document_type)
        self.fact(detail, _COR + "documentTypeDescription", row.document_type_description)
        self.fact(detail, _COR + "documentNumber", row.document_number)
        self.fact(detail, _COR + "documentReference", row.document_reference)
        self.fact(detail, _COR + "documentDate", row.document_date)
        self.fact(detail, _BUS + "paymentMethod", row.payment_method)
        self.fact(detail, _COR + "detailComment", row.line_comment)

    def entry(self, parent: Any, rows: list[Any]) -> None:
        header, first = etree.SubElement(parent, _COR + "entryHeader"), rows[0]
        debit = sum((Decimal(row.amount) for row in rows if row.dc == "D"), Decimal("0.00"))
        credit = sum((Decimal(row.amount) for row in rows if row.dc == "C"), Decimal("0.00"))
        if self.yevmiye:
            self.fact(header, _COR + "enteredBy", first.entered_by)
            self.fact(header, _COR + "enteredDate", first.entered_date)
            self.fact(header, _COR + "entryNumber", first.entry_number)
            self.fact(header, _COR + "entryComment", first.entry_comment)
        else:
            net = debit - credit
            debit, credit = max(net, Decimal("0.00")), max(-net, Decimal("0.00"))
        self.fact(header, _BUS + "totalDebit", debit, "try")
        self.fact(header, _BUS + "totalCredit", credit, "try")
        if self.yevmiye:
            self.fact(header, _COR + "entryNumberCounter", first.entry_no, "countable")
        for row in rows:
            self.line(header, row)


def main(database: Path, folder: Path) -> int:
    """Make both ledgers of the month."""
    took: dict[str, float] = {}
    begin = time.perf_counter()

    def stage(name: str) -> None:
        nonlocal begin
        now = time.perf_counter()
        took[name] = took.get(name, 0.0) + now - begin
        begin = now

    seal = SandboxPki(folder / "pki").issue_seal(ledgers.company().tax_id.number, "Ölçüm")
    key, certificate = _pem(seal)
    head = ledgers.head()
    stage("start")
    engine = sa.create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        query = sa.text("SELECT * FROM edefter_journal ORDER BY entry_no, line_no")
        rows = list(connection.execute(query).all())
    stage("read")
    for kind in (Kind.Y, Kind.K):
        text = prologue(head, kind, 1, multi_currency=True)
        root = etree.fromstring((text + END).encode())
        entries = root.find(".//" + _COR + "accountingEntries")
        writer = _Writer(kind)
        if kind is Kind.K:
            rows.sort(key=lambda row: (row.main_account, row.sub_account or "", row.line_no))
            groups = groupby(rows, key=lambda row: (row.main_account, row.sub_account))
        else:
            groups = groupby(rows, key=lambda row: (row.entry_no, ""))
        for _, group in groups:
            writer.entry(entries, list(group))
        stage(f"{kind} tree")
        schema(signed=False).assertValid(root)
        stage(f"{kind} xsd")
        signer = XMLSigner(
            method=methods.enveloped,
            c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
        )
        signed = signer.sign(root, key=key, cert=certificate)
        stage(f"{kind} sign")
        name = head.name(kind)
        data = etree.tostring(signed, xml_declaration=True, encoding="UTF-8")
        (folder / name.xml).write_bytes(data)
        with zipfile.ZipFile(folder / name.zip, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as out:
            out.write(folder / name.xml, name.xml)
        stage(f"{kind} write and zip")
        del root, entries, signed, data
    print(json.dumps({"seconds": took, "rss_bytes": peak_rss_bytes(), "lines": len(rows)}))
    return 0


def _pem(seal: Any) -> tuple[bytes, bytes]:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        pkcs12,
    )

    key, certificate, _ = pkcs12.load_key_and_certificates(
        seal.path.read_bytes(), seal.password.encode()
    )
    assert key is not None and certificate is not None
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem, certificate.public_bytes(Encoding.PEM)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
