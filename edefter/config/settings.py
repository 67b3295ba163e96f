"""What can be configured, with production values as defaults; unknown keys are errors.

Durations are seconds, sizes bytes. A secret is never a value here but a reference
(`SecretRef`): file, environment variable, keyring entry or prompt.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from edefter.config.keeping import ArchiveSettings, PlaceSettings, PortalSettings
from edefter.config.running import (
    CalendarSettings,
    ExtensionSettings,
    MailSettings,
    NightSettings,
    WorkersSettings,
)
from edefter.config.section import SecretRef, Section
from edefter.model.documents import MOST_FILE_BYTES
from edefter.model.environment import Environment


class SourceSettings(Section):
    """One accounting source.

    Args:
        kind: `sql` (one query or view with the canonical columns), `izibiz` (CSV file) or `edefter`
            (existing yevmiye and envanter files).
        url: SQLAlchemy URL without password, for `sql`.
        password: secret of the database user.
        query: SELECT with the canonical columns; parameters :company :branch :first_day
            :last_day; empty = the table or view `edefter_journal`.
        inventory_query: the same for the rows of an envanter; empty = `edefter_inventory`.
        inventory_source: another source that holds the rows of the envanter; empty = this one.
        path: file for `izibiz`; file or folder for `edefter`.
        encoding: `auto` = BOM, then strict UTF-8, then cp1254.
        delimiter: `auto` = one of ; tab | ,
        null_mark: text that stands for a missing value, case-sensitive.
        numbering: `source` = take and verify the source's numbers; `assign` = number by date and
            source order; `rebase` = verify that the source's numbers are consecutive, then count
            from the company's own counters.
        batch_lines: rows per column batch.
    """

    kind: Literal["sql", "izibiz", "edefter"]
    url: str = ""
    password: SecretRef | None = None
    query: str = ""
    inventory_query: str = ""
    inventory_source: str = ""
    path: Path | None = None
    encoding: str = "auto"
    delimiter: str = "auto"
    null_mark: str = "NULL"
    numbering: Literal["source", "assign", "rebase"] = "source"
    batch_lines: int = Field(default=20_000, ge=2, le=1_000_000)


class SealSettings(Section):
    """One seal (mali mühür or NES).

    Args:
        kind: `pkcs12` = a file, `pkcs11` = card, token or HSM, `remote` = a sealing service.
        path: file of a `pkcs12` seal.
        password: password of the file, PIN of the token, or access token of the service.
        pin: PIN of the key at a `remote` service that asks for one.
        module: PKCS#11 library of the token's maker.
        token_label, token_serial: which token; one of them is enough, both must fit.
        key_label: label of key and certificate where several would do, e.g. `1234567808SIGN0`;
            credentialID of a `remote` seal.
        timeout_s: wait for one answer of the token or service.
        url: address of a `remote` seal's service (CSC API 2), https.
        ca_bundle: PEM file of TLS roots for it; None = the bundle that ships with `requests`.
    """

    kind: Literal["pkcs12", "pkcs11", "remote"] = "pkcs12"
    path: Path | None = None
    password: SecretRef | None = None
    pin: SecretRef | None = None
    module: Path | None = None
    token_label: str = ""
    token_serial: str = ""
    key_label: str = ""
    timeout_s: float = Field(default=30.0, gt=0, le=600)
    url: str = ""
    ca_bundle: Path | None = None


class TrustSettings(Section):
    """Revocation of seals (signing.md §5).

    Args:
        mode: strict = a seal whose status cannot be found out does not sign; lenient = it signs
            with a warning, for the deadline must not hinge on Kamu SM.
        hosts: hosts that may be asked; addresses in certificates that lie elsewhere are not.
        timeout_s: wait for one answer.
        max_age_s: an answer is asked for anew after this, even when it names a later end.
        proxy: URL of an HTTP proxy for these questions; empty = none, the environment's neither.
    """

    mode: Literal["lenient", "strict"] = "lenient"
    hosts: tuple[str, ...] = (
        "depo.kamusm.gov.tr",
        "cisdupmms3.kurumsal.kamusm.gov.tr",
    )
    timeout_s: float = Field(default=10.0, gt=0, le=120)
    max_age_s: float = Field(default=86_400.0, gt=0)
    proxy: str = ""


class TimestampSettings(Section):
    """Time stamps of berats (signing.md §4).

    Args:
        use: `never`, `berats` = every berat, `outage` = ledgers and berats when GİB is down at the
            deadline.
        url: the time stamp authority.
        profile: `rfc3161` = no credential or HTTP Basic, `kamusm` = Kamu SM's identity header.
        customer: customer number at the authority; user name for HTTP Basic.
        password: its password.
        policy: policy OID to ask for; empty = the authority's own.
        timeout_s: wait for the answer; a stamp is asked for once.
        budget: stamps that may be used; 0 = not limited.
        warn_left: warn when fewer than this are left of the budget.
    """

    use: Literal["never", "berats", "outage"] = "outage"
    url: str = "http://zd.kamusm.gov.tr"
    profile: Literal["rfc3161", "kamusm"] = "kamusm"
    customer: str = ""
    password: SecretRef | None = None
    policy: str = ""
    timeout_s: float = Field(default=20.0, gt=0, le=120)
    budget: int = Field(default=0, ge=0)
    warn_left: int = Field(default=20, ge=0)


class LedgerSettings(Section):
    """How ledgers are built.

    Args:
        part_bytes: a month is divided before one of its signed files grows larger than this;
            GİB's limit is the default, a smaller one makes more parts.
        attachments: folder of PDF files that go into the books: `COMPANY/YYYYMM/*.pdf` into the
            yevmiye of that month, `COMPANY/YYYYMMDD/*.pdf` into the envanter of that day; with a
            branch, `YYYYMM-BRANCH` and `YYYYMMDD-BRANCH`. Empty = none.
        processes: that write, judge and pack large files; 0 = one for each processor.
    """

    part_bytes: int = Field(default=MOST_FILE_BYTES, ge=100_000, le=MOST_FILE_BYTES)
    attachments: Path | None = None
    processes: int = Field(default=0, ge=0, le=256)


class ClockSettings(Section):
    """Clock policy of gib-webservice.md §5.

    Args:
        servers: NTP servers, `host` or `host:port`; at least three are asked.
        mode: strict = no NTP answer refuses; lenient = allowed when the cross-checks agree.
        warn_s: warn when the computer clock is further off.
        refuse_s: refuse when it is further off.
        quorum_s: two answers that agree within this are the quorum.
        max_age_s: a measurement serves this long (monotonic time).
        move_tolerance_s: … as long as wall and monotonic clocks moved together within this.
        timeout_s: wait for one NTP answer.
        ntp_version: protocol version of the question, 3 or 4.
        max_round_trip_s: answers that travelled longer do not vote (half of it is the error).
        max_root_dispersion_s: nor do servers that are themselves this unsure (RFC 5905 MAXDIST).
        cross_check_age_s: a Date header seen serves this long as a cross-check.
    """

    servers: tuple[str, ...] = (
        "time.ume.tubitak.gov.tr",
        "0.tr.pool.ntp.org",
        "1.tr.pool.ntp.org",
        "2.tr.pool.ntp.org",
    )
    mode: Literal["strict", "lenient"] = "strict"
    warn_s: float = Field(default=2.0, gt=0)
    refuse_s: float = Field(default=30.0, gt=0)
    quorum_s: float = Field(default=2.0, gt=0)
    max_age_s: float = Field(default=60.0, gt=0)
    move_tolerance_s: float = Field(default=1.0, gt=0)
    timeout_s: float = Field(default=3.0, gt=0)
    ntp_version: Literal[3, 4] = 4
    max_round_trip_s: float = Field(default=2.0, gt=0)
    max_root_dispersion_s: float = Field(default=1.5, gt=0)
    cross_check_age_s: float = Field(default=600.0, gt=0)


class GibSettings(Section):
    """GİB's web service; everything the guides leave open is a setting.

    Args:
        base_url: scheme, host and port.
        service_path: path of the SOAP service.
        ca_bundle: PEM file of TLS roots; None = the bundle that ships with `requests`.
        token: form of the WS-Security token.
        timestamp_life_s: life of the WS-Security timestamp, 30 … 300.
        connect_timeout_s, read_timeout_s: socket limits.
        pace_s: least time between two calls.
        poll_schedule_s: waits between status questions; the last one repeats.
        poll_limit_s: how long one run waits before it ends as "waiting" (exit 3).
        not_found_wait_s: time between the two 304 answers that allow a resend.
        long_wait_s: wait after code 114 (taxpayer may not upload now) before one more try.
        package_id_parameter: `auto` = from the WSDL, else the element name to use.
        max_package_bytes: largest zip that we send.
        tax_number: GİB's own tax number in its countersigning certificate.
        kebir_upload_until: last period (YYYYMM) whose kebir itself is uploaded with KB.
        report: the defter raporu of a closed month: `off` = none, `make` = made, signed and
            archived, `send` = sent to GİB as well.
        deflate: how packages are compressed: `fast` = ISA-L where it is installed (zips are some
            two thirds larger, in a tenth of the time), else zlib; `zlib` = always that.
    """

    base_url: str = "https://edefter.gib.gov.tr"
    service_path: str = "/edefter/services/EDefterWsPort"
    ca_bundle: Path | None = None
    token: Literal["pkipath", "x509v3"] = "pkipath"  # noqa: S105 - a form, no secret
    timestamp_life_s: int = Field(default=60, ge=30, le=300)
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 120.0
    pace_s: float = Field(default=1.0, ge=0)
    poll_schedule_s: tuple[float, ...] = (30, 60, 120, 300, 900)
    poll_limit_s: float = 1800.0
    not_found_wait_s: float = 180.0
    long_wait_s: float = 900.0
    package_id_parameter: str = "auto"
    max_package_bytes: int = 200_000_000
    tax_number: str = "3900383669"
    kebir_upload_until: str = "202412"
    report: Literal["off", "make", "send"] = "off"
    deflate: Literal["fast", "zlib"] = "fast"
    proxy: str = ""


class DoctorSettings(Section):
    """What `edefter doctor` probes besides the configured GİB, portal and time servers.

    Args:
        timeout_s: wait for one step (name, connection, handshake, answer).
        gib_hosts: further GİB hosts to be reachable on 443 in production.
        plain_endpoints: `host:port` to be reachable by TCP alone (Kamu SM's store, OCSP, time
            stamps); outside loopback they are left out in the sandbox.
    """

    timeout_s: float = Field(default=5.0, gt=0, le=60)
    gib_hosts: tuple[str, ...] = ("uyg.edefter.gov.tr",)
    plain_endpoints: tuple[str, ...] = (
        "depo.kamusm.gov.tr:80",
        "cisdupmms3.kurumsal.kamusm.gov.tr:80",
        "zd.kamusm.gov.tr:80",
    )


class ApplicationSettings(Section):
    """Who made this program, letter for letter as in GİB's approval letter (format.md §5.2).

    Args:
        vendor_tax_number, vendor_title, program: parts of `sourceApplication`.
        approved_version: version named in the approval letter; must be this very version.
    """

    vendor_tax_number: str = ""
    vendor_title: str = ""
    program: str = "edefter"
    approved_version: str = ""

    @property
    def source_application(self) -> str:
        """`VKN##title##program##version`."""
        return "##".join(
            (self.vendor_tax_number, self.vendor_title, self.program, self.approved_version)
        )


class Settings(Section):
    """Everything; relative paths are relative to the folder of the configuration file."""

    environment: Environment = Environment.SANDBOX
    data_dir: Path = Path("data")
    lang: Literal["tr", "en"] = "tr"
    state_url: str = ""  # SQLAlchemy URL; empty = SQLite in data_dir
    application: ApplicationSettings = ApplicationSettings()
    sources: dict[str, SourceSettings] = {}
    seals: dict[str, SealSettings] = {}
    ledger: LedgerSettings = LedgerSettings()
    clock: ClockSettings = ClockSettings()
    gib: GibSettings = GibSettings()
    portal: PortalSettings = PortalSettings()
    archive: ArchiveSettings = ArchiveSettings()
    places: dict[str, PlaceSettings] = {}
    calendar: CalendarSettings = CalendarSettings()
    extensions: dict[str, ExtensionSettings] = {}
    night: NightSettings = NightSettings()
    workers: WorkersSettings = WorkersSettings()
    mail: MailSettings = MailSettings()
    doctor: DoctorSettings = DoctorSettings()
    trust: TrustSettings = TrustSettings()
    timestamp: TimestampSettings = TimestampSettings()
    trust_anchors: Path | None = None  # PEM folder; None = data_dir/anchors/…
