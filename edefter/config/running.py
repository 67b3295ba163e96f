"""Sections about unattended running: calendar, nights, workers, mail."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from edefter.config.section import SecretRef, Section


class ExtensionSettings(Section):
    """GİB gave more time to load books; extensions chain.

    Args:
        original: the last day that was moved.
        until: the new last day.
        source: the circular or announcement that says so.
    """

    original: date
    until: date
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _leads_to_a_later_day(self) -> ExtensionSettings:
        if self.until <= self.original:
            raise ValueError("until is later than original")
        return self


class CalendarSettings(Section):
    """Legal dates (lifecycle.md §8); rules and public holidays ship with the product.

    Args:
        holidays: further days that are no working days.
        warn_days: so many days before a month's legal date, runs of it begin to say so.
    """

    holidays: tuple[date, ...] = ()
    warn_days: int = Field(default=10, ge=0, le=60)


class MailSettings(Section):
    """Where the closing report of a night goes; it carries counts and company codes alone.

    Args:
        host: mail server; empty = no mail.
        port: 587 for `starttls`, 465 for `tls`, as a rule.
        security: `starttls` or `tls`; there is none without.
        ca_bundle: PEM file of TLS roots; None = those of the system.
        user: login name; empty = no login.
        password: secret of the user.
        sender: address of the sender.
        recipients: addresses.
        timeout_s: wait for the server.
    """

    host: str = ""
    port: int = Field(default=587, ge=1, le=65_535)
    security: Literal["starttls", "tls"] = "starttls"
    ca_bundle: Path | None = None
    user: str = ""
    password: SecretRef | None = None
    sender: str = ""
    recipients: tuple[str, ...] = ()
    timeout_s: float = Field(default=30.0, gt=0)


class NightSettings(Section):
    """The nightly batch, `edefter night`.

    Args:
        days_before: months that nobody has begun are taken up so many days before their legal
            date.
        budget_s: no month is begun or asked about behind this time.
    """

    days_before: int = Field(default=10, ge=0, le=150)
    budget_s: float = Field(default=21_600.0, gt=0)


class WorkersSettings(Section):
    """Worker processes that share a night, `edefter worker`; they need state in PostgreSQL.

    Args:
        heartbeat_s: a worker gives a sign of life so often; after three that are missing, what it
            was doing is given to another.
        poll_s: the longest wait until a visit that has become due is taken up.
    """

    heartbeat_s: float = Field(default=10.0, ge=0.5, le=300)
    poll_s: float = Field(default=5.0, ge=0.1, le=300)
