"""`seal list | check | test | unlock`: the configured seals, whether they fit and sign."""

from __future__ import annotations

import secrets
import time
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from edefter.cli.context import chosen_companies, console, error_console, open_services
from edefter.cli.lang import say
from edefter.cli.screen import print_error
from edefter.config.settings import SealSettings
from edefter.engine.job import Job
from edefter.engine.services import Services, utc_now
from edefter.errors import ConfigError, EdefterError, SealRefused, worst
from edefter.model.company import Company
from edefter.signature.port import Seal, SealWithPin
from edefter.signature.seals.open_seal import open_seal
from edefter.xmlsig.algorithms import check_value
from edefter.xmlsig.certificate import common_name, serial_text

group = typer.Typer(help=say("help_seal_group"), no_args_is_help=True, rich_markup_mode=None)

_TEST_TEXT = b"edefter seal test, no document: "


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="seal")


@group.command("list", help=say("help_seal_list"))
def _list() -> None:
    with open_services(gate=False) as services:
        table = Table(say("col_name"), say("col_kind"), say("col_place"), say("col_companies"))
        users: dict[str, list[str]] = {}
        for item in services.store.companies():
            users.setdefault(item.get("seal", "default"), []).append(item["code"])
        for name, seal in services.settings.seals.items():
            table.add_row(name, seal.kind, _place(seal), ", ".join(users.get(name, [])))
    console().print(table)


def _place(seal: SealSettings) -> str:
    """Where a seal is, in a few words and without secrets."""
    if seal.kind == "remote":
        return f"{seal.url} {seal.key_label}".strip()
    if seal.kind == "pkcs11":
        return " ".join(filter(None, (seal.token_label, seal.token_serial, seal.key_label)))
    return str(seal.path or "")


@group.command("check", help=say("help_seal_check"))
def _check(
    company: Annotated[
        list[str] | None, typer.Option("--company", help=say("help_company"))
    ] = None,
) -> int:
    codes = []
    with open_services(gate=False) as services:
        for item in chosen_companies(services.store, company, every=not company):
            try:
                _check_one(services, item)
            except EdefterError as error:
                error_console().print(f"{item.code}:", markup=False)
                print_error(error_console(), error)
                codes.append(error.exit_code)
    return int(worst(codes))


def _check_one(services: Services, company: Company) -> None:
    branch = company.branches[0].number if company.branches else ""
    job = Job(services, company, branch, company.first_period(branch))
    now: datetime = utc_now()
    fitness = job.check_seal(now)
    certificate = job.seal.certificate
    console().print(
        say(
            "seal_fits",
            company=company.code,
            subject=certificate.subject.rfc4514_string(),
            serial=serial_text(certificate),
            until=certificate.not_valid_after_utc.date().isoformat(),
            days=fitness.days_left,
        ),
        markup=False,
    )


def _opened(services: Services, name: str) -> Seal:
    settings = services.settings.seals.get(name)
    if settings is None:
        known = ", ".join(services.settings.seals) or "-"
        raise ConfigError("cli.no_such_seal", seal=name, known=known)
    return open_seal(name, settings, services.secret, services.data_dir)


@group.command("test", help=say("help_seal_test"))
def _test(name: Annotated[str, typer.Argument(help=say("help_seal_name"))] = "default") -> None:
    with open_services(gate=False) as services:
        seal = _opened(services, name)
        # Something that is new every time and can be no document: what is signed here must never
        # be of use to anybody.
        data = _TEST_TEXT + secrets.token_bytes(16)
        begin = time.monotonic()
        value = seal.sign(data)
        took_s = time.monotonic() - begin
        key = seal.certificate.public_key()
        if check_value(seal.algorithm.value, key, data, value) is not None:
            raise SealRefused("cli.seal_test_failed", seal=name)
        console().print(
            say(
                "seal_tested",
                seal=name,
                subject=common_name(seal.certificate),
                serial=serial_text(seal.certificate),
                algorithm=seal.algorithm.value.rpartition("#")[2],
                seconds=f"{took_s:.2f}",
            ),
            markup=False,
        )


@group.command("unlock", help=say("help_seal_unlock"))
def _unlock(name: Annotated[str, typer.Argument(help=say("help_seal_name"))] = "default") -> None:
    with open_services(gate=False) as services:
        seal = _opened(services, name)
        cleared = isinstance(seal, SealWithPin) and seal.unlock()
        said = say("seal_unlocked" if cleared else "seal_not_locked", seal=name)
        console().print(said, markup=False)
