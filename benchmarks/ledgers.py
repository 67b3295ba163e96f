"""Ledgers for measuring, written by the product itself from the seeded generator, and spoiled."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from edefter.ledger.build import build_part
from edefter.ledger.head import LedgerHead
from edefter.model.company import Accountant, Address, Company
from edefter.model.documents import UNDIVIDED
from edefter.model.files import Counters, LedgerPart
from edefter.model.finding import FindingLog
from edefter.model.identity import TaxId
from edefter.model.period import Period
from edefter.sandbox.generate import generate

PERIOD = Period(2026, 1)


def company() -> Company:
    """An invented taxpayer with a test number."""
    return Company(
        code="olcum",
        tax_id=TaxId("1234567808"),
        title="Örnek Züccaciye ve Şişe Sanayi Anonim Şirketi",
        address=Address(
            building_number="12/3", street="Çiğdem Sokağı", city="İstanbul", postal_code="34460"
        ),
        phone="2165550100",
        email="muhasebe@ornek.invalid",
        nace="46.44.01",
        edefter_start=PERIOD,
        website="https://www.ornek.invalid",
        accountants=(Accountant(name="SMMM Gülşah Işık", engagement="-"),),
        creator="İrem Şahin",
    )


def build(lines: int, folder: Path, *, seed: int = 1) -> LedgerPart:
    """Yevmiye and kebir of one month, unsigned.

    Raises:
        RuntimeError: the generated rows have findings (a defect of the generator).
    """
    findings = FindingLog()
    part = build_part(
        generate(lines, seed=seed, period=PERIOD),
        LedgerHead(
            company=company(),
            branch=None,
            period=PERIOD,
            part=UNDIVIDED,
            first_day=PERIOD.first_day,
            last_day=PERIOD.last_day,
            creation_date=date(2026, 2, 2),
            source_application="1234567808##Örnek Yazılım##edefter##0.1.0",
        ),
        before=Counters(),
        numbering="assign",
        folder=folder,
        findings=findings,
    )
    if part is None:
        raise RuntimeError(f"generated rows have findings: {dict(findings.counts)}")
    return part
