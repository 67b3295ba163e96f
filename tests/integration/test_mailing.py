"""The mail of a night, taken by a real mail server over real TLS (aiosmtpd)."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from edefter.config.running import MailSettings
from edefter.config.section import SecretRef
from edefter.deadlines import Deadline, Step, StepKind
from edefter.engine.mailing import mail_of, send_mail
from edefter.engine.night import NightMonth, NightReport
from edefter.engine.report import MonthReport
from edefter.engine.visiting import Outcome
from edefter.engine.worklist import MonthDue
from edefter.errors import ConfigError, DataError, WaitingError
from edefter.model.period import Period
from edefter.sandbox.pki import SandboxPki
from tests.unit.ledger.factory import company as a_company


class _Box:
    """Keeps what was delivered."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.over_tls: list[bool] = []

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        mail = BytesParser(policy=default).parsebytes(envelope.content)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.over_tls.append(session.ssl is not None)
        return "250 taken"


def _free_port() -> int:
    """The server's own start-up check wants to know its port beforehand."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> SandboxPki:
    return SandboxPki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def server(pki: SandboxPki) -> Iterator[Controller]:
    certificate, key = pki.issue_server("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def login(_server: Any, _session: Any, _envelope: Any, _way: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"edefter", b"parola-gizli"))

    controller = Controller(
        _Box(), hostname="127.0.0.1", port=_free_port(), tls_context=context, require_starttls=True,
        authenticator=login, auth_required=True,
    )  # fmt: skip
    controller.start()
    yield controller
    controller.stop()


def _settings(server: Controller, pki: SandboxPki, **changes: Any) -> MailSettings:
    port = server.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    settings = MailSettings(
        host="127.0.0.1", port=port, ca_bundle=pki.folder / "tls-root.pem", user="edefter",
        password=SecretRef(env="MAIL"), sender="edefter@ornek.invalid",
        recipients=("muhasebe@ornek.invalid", "yonetim@ornek.invalid"), timeout_s=5,
    )  # fmt: skip
    return settings.model_copy(update=changes)


def _report() -> NightReport:
    at = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)
    step = Step(StepKind.RULE, date(2026, 5, 14))

    def month(code: str, error: Any) -> NightMonth:
        due = MonthDue(
            company=replace(a_company(), code=code), branch="", period=Period(2026, 1),
            deadline=Deadline(Period(2026, 1), (step,), certain=True),
            begun=True, closed=False, archived=False, days_left=3,
        )  # fmt: skip
        return NightMonth(
            due,
            Outcome.of(MonthReport(company=code, branch="", period="2026-01", error=error)),
            1,
        )

    wrong = DataError(
        "engine.findings", company="beta", period="2026-01", count=1, voucher="GİZLİ-7"
    )
    return NightReport(at, at, (month("alfa", None), month("beta", wrong)))


def test_it_carries_counts_and_codes_and_nothing_else(server: Controller, pki: SandboxPki) -> None:
    settings = _settings(server, pki)
    send_mail(mail_of(_report(), settings, "tr"), settings, lambda _: "parola-gizli")
    (mail,) = server.handler.mails
    assert server.handler.over_tls == [True]
    assert mail["Subject"] == "edefter 02.06.2026: kapandı 1, veri düzeltilmeli 1"
    assert mail["To"] == "muhasebe@ornek.invalid, yonetim@ornek.invalid"
    text = mail.get_content()
    assert "beta 2026-01" in text
    assert "alfa" not in text, "what is closed needs no name"
    for secret in ("GİZLİ-7", "parola-gizli", a_company().title, a_company().tax_id.number):
        assert secret not in mail.as_string()


def test_a_wrong_password_and_a_foreign_certificate_are_told(
    server: Controller, pki: SandboxPki, tmp_path: Path
) -> None:
    settings = _settings(server, pki)
    mail = mail_of(_report(), settings, "en")
    with pytest.raises(ConfigError) as refused:
        send_mail(mail, settings, lambda _: "yanlis-parola")
    assert refused.value.key == "mail.refused"
    assert "yanlis-parola" not in f"{refused.value} {refused.value.facts}"
    other = SandboxPki(tmp_path / "other")
    foreign = settings.model_copy(update={"ca_bundle": other.folder / "tls-root.pem"})
    with pytest.raises(ConfigError) as unknown:
        send_mail(mail, foreign, lambda _: "parola-gizli")
    assert unknown.value.key == "mail.tls"
    assert not server.handler.mails


def test_a_server_without_tls_gets_nothing(pki: SandboxPki) -> None:
    plain = Controller(_Box(), hostname="127.0.0.1", port=_free_port())
    plain.start()
    try:
        settings = _settings(plain, pki)
        with pytest.raises(ConfigError) as caught:
            send_mail(mail_of(_report(), settings, "tr"), settings, lambda _: "parola-gizli")
        assert caught.value.key == "mail.refused"
        assert not plain.handler.mails
    finally:
        plain.stop()


def test_nobody_there_is_a_matter_of_waiting(server: Controller, pki: SandboxPki) -> None:
    settings = _settings(server, pki, port=_free_port())
    with pytest.raises(WaitingError):
        send_mail(mail_of(_report(), settings, "tr"), settings, lambda _: "parola-gizli")
    with pytest.raises(ConfigError) as caught:
        incomplete = settings.model_copy(update={"recipients": ()})
        send_mail(mail_of(_report(), settings, "tr"), incomplete, lambda _: "")
    assert caught.value.key == "mail.incomplete"
