"""A month of signed books for the GİB tests, made by the product's own steps."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from edefter.berat.build import build_berat
from edefter.config.settings import GibSettings
from edefter.gib.client import GibClient
from edefter.gib.package import build_package
from edefter.gib.port import BatchState, BatchStatus
from edefter.ledger.head import LedgerHead
from edefter.model.company import Accountant, Address, Company
from edefter.model.documents import Kind
from edefter.model.environment import Environment
from edefter.model.files import Counters, Package, SignedFile
from edefter.model.finding import FindingLog
from edefter.model.identity import TaxId
from edefter.model.journal import JournalBatch, Line, Voucher
from edefter.model.period import Period
from edefter.sandbox.pki import SandboxPki, SealFile
from edefter.sandbox.process import Simulator
from edefter.signature.port import Seal
from edefter.signature.seals.pkcs12 import Pkcs12Seal
from edefter.signature.sign import sign_file
from tests.support.building import build_part

VKN = "1234567808"
JANUARY = Period(2026, 1)
STRANGER = "9876543217"
TITLE = "Iğdır Şişe & Cam Anonim Şirketi"


@dataclass(frozen=True)
class Month:
    """Signed documents of one month and their packages."""

    signed: dict[Kind, SignedFile]
    packages: dict[Kind, Package]

    @property
    def yb(self) -> Package:
        return self.packages[Kind.YB]

    @property
    def kb(self) -> Package:
        return self.packages[Kind.KB]


def open_test_seal(file: SealFile) -> Seal:
    return Pkcs12Seal("deneme", file.path, file.password)


def company(tax_number: str = VKN) -> Company:
    return Company(
        code="ornek",
        tax_id=TaxId(tax_number),
        title=TITLE,
        address=Address(
            building_number="12/3", street="Çiğdem Sk.", city="İstanbul", postal_code="34710"
        ),
        phone="2161234567",
        email="muhasebe@ornek.invalid",
        nace="46.90.04",
        edefter_start=Period(2024, 1),
        accountants=(Accountant(name="SMMM Gülşah Işık"),),
        creator="İnci Yağmur",
    )


def vouchers(period: Period, first_debit: Decimal = Decimal("120.00")) -> list[Voucher]:
    def line(number: int, account: str, amount: str | Decimal, side: str) -> Line:
        main, _, sub = account.partition(".")
        return Line(
            line_no=number, main_account=main, main_description=f"HESAP {main}",
            sub_account=account if sub else None,
            sub_description=f"Alt hesap {account}" if sub else None,
            amount=Decimal(amount), dc=side, source_row=number,
        )  # fmt: skip

    def voucher(number: int, day: int, *lines: Line) -> Voucher:
        return Voucher(
            entry_key=f"F{number}", entered_by="İ. Öz",
            entered_date=date(period.year, period.month, day),
            entry_number=f"F{number:05d}", entry_comment="Satış & tahsilat",
            entry_no=number, lines=lines,
        )  # fmt: skip

    return [
        voucher(1, 2, line(1, "120.01", first_debit, "D"), line(2, "600", "100.00", "C"),
                line(3, "391.01", "20.00", "C")),
        voucher(2, 9, line(4, "100", "102.10", "D"), line(5, "102.05", "17.90", "D"),
                line(6, "120.01", "120.00", "C")),
    ]  # fmt: skip


def build_month(
    folder: Path,
    seal: Seal,
    *,
    tax_number: str = VKN,
    period: Period = JANUARY,
    part: str = "000000",
    first_debit: Decimal = Decimal("120.00"),
) -> Month:
    """Build, sign and pack one month."""
    for name in ("raw", "signed", "packages"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    head = LedgerHead(
        company=company(tax_number), branch=None, period=period, part=part,
        first_day=period.first_day, last_day=period.last_day,
        creation_date=period.next().first_day,
        source_application="1234567808##Örnek Yazılım##edefter##0.1.0",
    )  # fmt: skip
    findings = FindingLog()
    built = build_part(
        [JournalBatch.from_vouchers(vouchers(period, first_debit))], head,
        before=Counters(), numbering="source", folder=folder / "raw", findings=findings,
    )  # fmt: skip
    assert built is not None, [f.message_en for f in findings]
    now = datetime.now(UTC) - timedelta(seconds=2)
    signed: dict[Kind, SignedFile] = {}
    packages: dict[Kind, Package] = {}
    for stored in (built.yevmiye, built.kebir):
        ledger = sign_file(stored, folder / "signed", seal, signing_time=now)
        unsigned = build_berat(ledger, folder / "raw", ettn=uuid.uuid4())
        berat = sign_file(unsigned, folder / "signed", seal, signing_time=now)
        signed[ledger.file.name.kind] = ledger
        signed[berat.file.name.kind] = berat
        packages[berat.file.name.kind] = build_package(
            berat, ledger, folder / "packages", kebir_upload_until="202412"
        )
    return Month(signed, packages)


class Recorder:
    """Stands for the clock guard: takes what the client reports."""

    def __init__(self) -> None:
        self.dates: list[tuple[str, datetime, float]] = []
        self.calls: list[str] = []
        self.slept_s: list[float] = []

    def on_server_date(self, host: str, moment: datetime, round_trip_s: float) -> None:
        self.dates.append((host, moment, round_trip_s))

    def before_call(self, operation: str) -> None:
        self.calls.append(operation)

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        time.sleep(min(seconds, 0.02))


def settings_for(gib: Simulator, pki: SandboxPki, **changes: object) -> GibSettings:
    values: dict[str, object] = {
        "base_url": f"https://127.0.0.1:{gib.port}",
        "ca_bundle": pki.folder / "tls-root.pem",
        "pace_s": 0,
        "read_timeout_s": 10,
        **changes,
    }
    return GibSettings.model_validate(values)


def client_for(
    gib: Simulator,
    pki: SandboxPki,
    seal: Seal,
    recorder: Recorder | None = None,
    *,
    clock_ahead_s: float = 0.0,
    environment: Environment = Environment.SANDBOX,
    **changes: object,
) -> GibClient:
    recorder = recorder or Recorder()
    return GibClient(
        settings_for(gib, pki, **changes),
        seal,
        environment=environment,
        wall=lambda: datetime.now(UTC) + timedelta(seconds=clock_ahead_s),
        sleep=recorder.sleep,
        monotonic=time.monotonic,
        on_server_date=recorder.on_server_date,
        before_call=recorder.before_call,
    )


def wait_for(client: GibClient, package_id: str, state: BatchState) -> BatchStatus:
    """Poll until the state is reached; the last answer fails the test by its text."""
    for _ in range(200):
        status = client.status(package_id)
        if status.state is state:
            return status
        if status.state is not BatchState.PENDING:
            break
        time.sleep(0.03)
    raise AssertionError(f"{package_id}: {status}")
