"""The whole rehearsal world in one folder: PKI, GİB, portal, clocks, stamps, revocation.

`SandboxWorld` starts them, writes a ready configuration (`edefter.toml`) and a seal for any tax
number, and stops them again. Nothing in it listens on anything but loopback.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Any

from edefter.atomic import write_bytes
from edefter.config.keeping import ArchiveSettings, PortalSettings
from edefter.config.section import SecretRef
from edefter.config.settings import (
    ClockSettings,
    GibSettings,
    SealSettings,
    Settings,
    SourceSettings,
    TimestampSettings,
    TrustSettings,
)
from edefter.model.environment import Environment
from edefter.sandbox import softhsm
from edefter.sandbox.pki import KeyKind, SandboxPki, SealFile
from edefter.sandbox.pki.register import set_responder_url
from edefter.sandbox.process import Simulator

GIB_PORT, CONTROL_PORT, UPLOAD_PORT, NTP_PORT = 8443, 8444, 4443, 11123
REVOCATION_PORT, TSA_PORT = 8445, 8446
NTP_COUNT = 3
API_KEY = "sandbox-firm"
SEALS = ("pkcs12-rsa", "pkcs12-ec", "pkcs11-rsa", "pkcs11-ec")


class SandboxWorld:
    """PKI, GİB, portal, NTP, OCSP and CRLs on loopback.

    Args:
        folder: where certificates, states and the configuration are; kept between starts.
        any_ports: take free ports instead of 8443 to 8446, 4443 and 11123.
        seals: where test seals are kept and of which kind their keys are, `pkcs12-rsa`,
            `pkcs12-ec`, `pkcs11-rsa` or `pkcs11-ec` (SoftHSM2); None = `EDEFTER_SANDBOX_SEAL`,
            else `pkcs12-rsa`.

    Attributes:
        seals: as given; may be changed for the seals that are made from then on.

    Raises:
        ValueError: another kind of seals.
    """

    def __init__(self, folder: Path, *, any_ports: bool = False, seals: str | None = None) -> None:
        chosen = seals or os.environ.get("EDEFTER_SANDBOX_SEAL", SEALS[0])
        if chosen not in SEALS:
            raise ValueError(f"seals: {chosen!r} is none of {', '.join(SEALS)}")
        self.seals = chosen
        self.folder = folder.absolute()
        folder.mkdir(parents=True, exist_ok=True)
        self.pki = SandboxPki(self.folder / "pki")
        self.pki.export_anchors(self.folder / "anchors")
        write_bytes(self._secret("api-key"), API_KEY.encode())
        (self.folder / "secrets" / "api-key").chmod(0o600)
        self._secret("api-secret")
        self.gib = self._gib(0 if any_ports else GIB_PORT)
        self.portal = self._portal(
            0 if any_ports else CONTROL_PORT, 0 if any_ports else UPLOAD_PORT
        )
        self.ntp = self._ntp(0 if any_ports else NTP_PORT)
        self.revocation = self._revocation(0 if any_ports else REVOCATION_PORT)
        self.tsa = Simulator(
            "edefter.sandbox.tsa", self.folder / "tsa",
            "--pki", str(self.folder / "pki"), "--port", str(0 if any_ports else TSA_PORT),
        )  # fmt: skip

    @property
    def _key_kind(self) -> KeyKind:
        return "ec" if self.seals.endswith("ec") else "rsa"

    @property
    def signature_method(self) -> str:
        """What the test seals sign with, as the XML-DSig URI ends."""
        return "ecdsa-sha384" if self._key_kind == "ec" else "rsa-sha256"

    def _gib(self, port: int) -> Simulator:
        return Simulator(
            "edefter.sandbox.gib", self.folder / "gib",
            "--pki", str(self.folder / "pki"), "--port", str(port),
        )  # fmt: skip

    def _portal(self, control: int, upload: int) -> Simulator:
        return Simulator(
            "edefter.sandbox.portal", self.folder / "portal",
            "--pki", str(self.folder / "pki"),
            "--control-port", str(control), "--upload-port", str(upload),
            "--api-key", API_KEY,
            "--api-secret-file", str(self.folder / "secrets" / "api-secret"),
        )  # fmt: skip

    def _ntp(self, port: int) -> Simulator:
        return Simulator(
            "edefter.sandbox.ntp", self.folder / "ntp",
            "--port", str(port), "--count", str(NTP_COUNT),
        )  # fmt: skip

    def _revocation(self, port: int) -> Simulator:
        return Simulator(
            "edefter.sandbox.revocation", self.folder / "revocation",
            "--pki", str(self.folder / "pki"), "--port", str(port),
        )  # fmt: skip

    def _secret(self, name: str) -> Path:
        path = self.folder / "secrets" / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, secrets.token_urlsafe(24).encode())
            path.chmod(0o600)
        return path

    def start(self) -> SandboxWorld:
        """Start all simulators.

        Raises:
            RuntimeError: one of them did not become ready (port taken …); none is left running.
        """
        try:
            # First the responder: certificates name its address, so seals come after it.
            self.revocation.start()
            set_responder_url(self.pki.folder, self.revocation.facts["url"])
            self.pki.gib_seal()
            for simulator in (self.ntp, self.gib, self.portal, self.tsa):
                simulator.start()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop all simulators; their states stay on disk."""
        for simulator in (self.portal, self.gib, self.ntp, self.tsa, self.revocation):
            simulator.stop()

    def __enter__(self) -> SandboxWorld:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def seal_for(self, tax_number: str, title: str) -> tuple[SealFile, Path]:
        """A test seal of a tax number, made once, and the file of its password."""
        password = self.folder / "secrets" / f"seal-{tax_number}"
        path = self.pki.folder / f"{tax_number}-sign-{self._key_kind}.p12"
        if path.exists() and password.exists():
            from cryptography.hazmat.primitives.serialization import pkcs12

            _, certificate, _ = pkcs12.load_key_and_certificates(
                path.read_bytes(), password.read_bytes()
            )
            assert certificate is not None
            return SealFile(path, password.read_text(encoding="utf-8"), certificate), password
        seal = self.pki.issue_seal(tax_number, title, key=self._key_kind)
        write_bytes(password, seal.password.encode())
        password.chmod(0o600)
        return seal, password

    def seal_settings(self, seal: SealFile, password: Path) -> SealSettings:
        """The section of a test seal; of all its lines `kind` alone decides where the key is.

        Args:
            seal: a PKCS#12 file; with tokens it is put on one of its own.
            password: file of its password, which is the token's PIN too.

        Raises:
            RuntimeError: SoftHSM2 is missing.
        """
        held = SecretRef(file=password)
        if self.seals.startswith("pkcs12"):
            return SealSettings(kind="pkcs12", path=seal.path, password=held)
        tokens = self.folder / "hsm"
        os.environ["SOFTHSM2_CONF"] = str(softhsm.configuration(tokens))
        label = seal.path.stem[:32]  # PKCS#11 has no room for more
        mark = tokens / f"{label}.made"
        if not mark.exists():
            softhsm.make_token(tokens, label, {"SIGN0": seal}, pin=seal.password)
            mark.touch()
        return SealSettings(
            kind="pkcs11",
            path=seal.path,
            module=softhsm.LIBRARY,
            token_label=label,
            password=held,
        )

    def settings(self, base: Path, **changes: Any) -> Settings:
        """Settings that talk to this world, with data under `base`.

        Args:
            base: folder of data and archive.
            changes: other fields of `Settings` (sources, seals …).
        """
        ca = self.pki.folder / "tls-root.pem"
        ports = self.ntp.facts["ports"]
        return Settings(
            environment=Environment.SANDBOX,
            data_dir=base / "data",
            trust_anchors=self.folder / "anchors",
            clock=ClockSettings(servers=tuple(f"127.0.0.1:{port}" for port in ports)),
            trust=TrustSettings(hosts=(f"127.0.0.1:{self.revocation.port}",)),
            timestamp=TimestampSettings(url=self.tsa.facts["url"], profile="rfc3161"),
            gib=GibSettings(
                base_url=f"https://127.0.0.1:{self.gib.port}",
                ca_bundle=ca,
                pace_s=0.0,
                poll_schedule_s=(0.2, 0.5, 1.0),
                poll_limit_s=60.0,
                not_found_wait_s=1.0,
            ),
            portal=PortalSettings(
                control_url=self.portal.facts["control_url"],
                upload_url=self.portal.facts["upload_url"],
                ca_bundle=ca,
                api_key=SecretRef(file=self.folder / "secrets" / "api-key"),
                api_secret=SecretRef(file=self.folder / "secrets" / "api-secret"),
                retry_limit_s=60.0,
                finalize_wait_s=30.0,
            ),
            archive=ArchiveSettings(root=base / "archive"),
            **changes,
        )

    def write_config(
        self,
        target: Path,
        *,
        sources: dict[str, SourceSettings],
        seals: dict[str, SealSettings],
    ) -> Path:
        """Write an `edefter.toml` for this world.

        Args:
            target: the file; data and archive go beside it.
            sources, seals: named sections.
        """
        settings = self.settings(target.parent, sources=sources, seals=seals)
        write_bytes(target, to_toml(settings).encode())
        return target


def to_toml(settings: Settings) -> str:
    """Settings as TOML, only what differs from the defaults."""
    plain = settings.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    plain = {"environment": settings.environment.value, **plain}
    lines: list[str] = []
    _emit(lines, (), plain)
    return "\n".join(lines) + "\n"


def _emit(lines: list[str], path: tuple[str, ...], table: dict[str, Any]) -> None:
    scalars = {k: v for k, v in table.items() if not isinstance(v, dict)}
    if path and scalars:
        lines += ["", "[" + ".".join(path) + "]"]
    for key, value in scalars.items():
        lines.append(f"{key} = {_value(value)}")
    for key, value in table.items():
        if isinstance(value, dict):
            _emit(lines, (*path, key), value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
