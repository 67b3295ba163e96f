"""The closing report of a night by mail: counts and company codes, nothing of vouchers."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import make_msgid

from edefter import messages
from edefter.config.running import MailSettings
from edefter.config.section import SecretRef
from edefter.engine.night import Group, NightReport
from edefter.engine.worklist import MonthDue
from edefter.errors import ConfigError, EdefterError, WaitingError
from edefter.messages import Lang
from edefter.model.period import ISTANBUL


def mail_of(report: NightReport, settings: MailSettings, lang: Lang) -> EmailMessage:
    """The mail about a night.

    Args:
        report: what the night came to.
        settings: gives sender and recipients.
        lang: its language.
    """
    found = {group: report.of_group(group) for group in Group}
    day = f"{report.begun_at.astimezone(ISTANBUL):%d.%m.%Y}"
    counts = ", ".join(
        f"{_group(group, lang)} {len(months)}" for group, months in found.items() if months
    )
    lines = [messages.text("mail.title", lang, day=day, code=int(report.exit_code)), ""]
    for group, months in found.items():
        lines.append(f"{_group(group, lang)}: {len(months)}")
        if group is not Group.CLOSED:
            lines += [f"    {_month(month.due)}" for month in months]
    lines += ["", messages.text("mail.end", lang)]
    mail = EmailMessage()
    mail["Subject"] = f"edefter {day}: {counts or '-'}"
    mail["From"] = settings.sender
    mail["To"] = ", ".join(settings.recipients)
    mail["Message-ID"] = make_msgid(domain="edefter.invalid")
    mail.set_content("\n".join(lines))
    return mail


def _month(due: MonthDue) -> str:
    return " ".join(filter(None, (due.company.code, due.branch, str(due.period))))


def _group(group: Group, lang: Lang) -> str:
    return messages.text(f"cli.group_{group.value}", lang)


def send_mail(
    mail: EmailMessage, settings: MailSettings, secret: Callable[[SecretRef], str]
) -> None:
    """Send a mail; over TLS or not at all.

    Args:
        mail: with sender and recipients.
        settings: of the server.
        secret: gives the password.

    Raises:
        ConfigError: sender or recipients are missing, the server's certificate does not hold, it
            refuses the login or the mail.
        WaitingError: it cannot be reached.
    """
    facts = {"host": settings.host, "port": settings.port}
    if not (settings.sender and settings.recipients):
        raise ConfigError("mail.incomplete", **facts)
    bundle = str(settings.ca_bundle) if settings.ca_bundle else None
    context = ssl.create_default_context(cafile=bundle)
    try:
        with _connected(settings, context) as server:
            if settings.user and settings.password is not None:
                server.login(settings.user, secret(settings.password))
            server.send_message(mail)
    except EdefterError:
        raise
    except ssl.SSLError as error:
        raise ConfigError("mail.tls", **facts, detail=error.reason or "TLS") from None
    except smtplib.SMTPAuthenticationError as error:
        raise ConfigError("mail.refused", **facts, code=error.smtp_code) from None
    except smtplib.SMTPResponseException as error:
        raise ConfigError("mail.refused", **facts, code=error.smtp_code) from None
    except smtplib.SMTPException as error:
        raise ConfigError("mail.refused", **facts, code=type(error).__name__) from None
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise WaitingError("mail.unreachable", **facts, detail=detail) from None


def _connected(settings: MailSettings, context: ssl.SSLContext) -> smtplib.SMTP:
    if settings.security == "tls":
        return smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=settings.timeout_s, context=context
        )
    server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_s)
    try:
        server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server
