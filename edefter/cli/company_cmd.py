"""`company add | edit | show | list | counters`: firm registration before any ledger."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from edefter.cli.context import console, error_console, open_services, parse_period
from edefter.cli.lang import LANG, say
from edefter.cli.screen import print_facts
from edefter.engine.job import Job
from edefter.engine.opening import registered_company
from edefter.engine.registering import set_adopted_counters
from edefter.errors import ConfigError
from edefter.model.company import Company
from edefter.model.documents import Kind
from edefter.model.finding import Finding, Severity
from edefter.model.registration import read_registration, registration_to_mapping

group = typer.Typer(help=say("help_company_group"), no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="company")


FileOpt = Annotated[Path | None, typer.Option("--file", help=say("help_company_file"))]
SetOpt = Annotated[list[str] | None, typer.Option("--set", help=say("help_company_set"))]


@group.command("add", help=say("help_company_add"))
def _add(
    file: FileOpt = None,
    code: Annotated[str | None, typer.Option(help=say("help_field", field="code"))] = None,
    tax_id: Annotated[str | None, typer.Option(help=say("help_field", field="tax_id"))] = None,
    title: Annotated[str | None, typer.Option(help=say("help_field", field="title"))] = None,
    phone: Annotated[str | None, typer.Option(help=say("help_field", field="phone"))] = None,
    email: Annotated[str | None, typer.Option(help=say("help_field", field="email"))] = None,
    nace: Annotated[str | None, typer.Option(help=say("help_field", field="nace"))] = None,
    start: Annotated[
        str | None, typer.Option("--edefter-start", help=say("help_field", field="edefter_start"))
    ] = None,
    creator: Annotated[str | None, typer.Option(help=say("help_field", field="creator"))] = None,
    fields: SetOpt = None,
) -> None:
    given = {
        "code": code, "tax_id": tax_id, "title": title, "phone": phone, "email": email,
        "nace": nace, "edefter_start": start, "creator": creator,
    }  # fmt: skip
    raw = _from_file(file)
    raw.update({name: value for name, value in given.items() if value is not None})
    _apply(raw, fields or [])
    company = _checked(raw)
    with open_services(gate=False) as services:
        if services.store.company(company.code) is not None:
            raise ConfigError("cli.company_exists", company=company.code)
        _put(services.store, company)
    console().print(say("company_added", company=company.code, title=company.title), markup=False)


@group.command("edit", help=say("help_company_edit"))
def _edit(
    code: Annotated[str, typer.Argument(help=say("help_field", field="code"))],
    file: FileOpt = None,
    fields: SetOpt = None,
) -> None:
    with open_services(gate=False) as services:
        raw = dict(services.store.company(code) or registration_to_mapping(_known(services, code)))
        if file is not None:
            raw.update(_from_file(file))
        _apply(raw, fields or [])
        raw["code"] = code
        company = _checked(raw)
        _put(services.store, company)
    console().print(say("company_edited", company=code), markup=False)


@group.command("show", help=say("help_company_show"))
def _show(
    code: Annotated[str, typer.Argument(help=say("help_field", field="code"))],
    as_json: Annotated[bool, typer.Option("--json", help=say("help_json"))] = False,
) -> None:
    with open_services(quiet=as_json, gate=False) as services:
        registration = registration_to_mapping(_known(services, code))
    if as_json:
        print(json.dumps(registration, ensure_ascii=False, indent=1))
        return
    print_facts(console(), list(_flat(registration)))


@group.command("list", help=say("help_company_list"))
def _list(
    as_json: Annotated[bool, typer.Option("--json", help=say("help_json"))] = False,
) -> None:
    with open_services(quiet=as_json, gate=False) as services:
        registrations = services.store.companies()
    if as_json:
        print(json.dumps(registrations, ensure_ascii=False, indent=1))
        return
    table = Table(say("col_code"), say("col_tax"), say("col_title"), say("col_start"))
    for item in registrations:
        table.add_row(item["code"], item["tax_id"], item["title"], item["edefter_start"])
    console().print(table if registrations else say("no_companies"))


@group.command("counters", help=say("help_company_counters"))
def _counters(
    code: Annotated[str, typer.Argument(help=say("help_field", field="code"))],
    period: Annotated[str, typer.Argument(help=say("help_period"), metavar="PERIOD")],
    entry_no: Annotated[int, typer.Option("--entry-no", min=0, help=say("help_entry_no"))],
    line_no: Annotated[int, typer.Option("--line-no", min=0, help=say("help_line_no"))],
    branch: Annotated[str, typer.Option("--branch", help=say("help_branch"))] = "",
    inventory: Annotated[
        bool, typer.Option("--inventory", help=say("help_counters_inventory"))
    ] = False,
) -> None:
    with open_services(gate=False) as services:
        job = Job(services, _known(services, code), branch, parse_period(period))
        if inventory:
            job = job.of_kinds(Kind.E)
        counters = set_adopted_counters(job, entry_no=entry_no, line_no=line_no)
    console().print(say("counters_set", company=code, period=period, **asdict(counters)))


def _known(services: Any, code: str) -> Company:
    return registered_company(services.store, code)


def _from_file(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError("engine.no_file", path=str(file)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError("cli.bad_toml", path=str(file), problem=str(error)) from None


def _apply(raw: dict[str, Any], fields: list[str]) -> None:
    """`--set key=value`; dotted keys reach into groups, values are TOML or plain text."""
    for field in fields:
        key, separator, text = field.partition("=")
        if not separator:
            raise ConfigError("cli.bad_set", value=field)
        target = raw
        *groups, last = key.strip().split(".")
        for name in groups:
            inner = target.get(name)
            target[name] = dict(inner) if isinstance(inner, Mapping) else {}
            target = target[name]
        try:
            target[last] = tomllib.loads(f"v = {text}")["v"]
        except tomllib.TOMLDecodeError:
            target[last] = text


def _checked(raw: dict[str, Any]) -> Company:
    company, findings = read_registration(raw)
    _print_findings(findings)
    if company is None or any(f.severity is Severity.ERROR for f in findings):
        raise ConfigError("cli.registration_refused", count=len(findings))
    return company


def _print_findings(findings: tuple[Finding, ...]) -> None:
    if not findings:
        return
    table = Table(say("col_field"), say("col_rule"), say("col_problem"), say("col_remedy"))
    for finding in findings:
        table.add_row(finding.place.field, finding.rule, finding.text(LANG), finding.remedy(LANG))
    error_console().print(table)


def _put(store: Any, company: Company) -> None:
    store.put_company(company.code, company.tax_id.number, registration_to_mapping(company))


def _flat(value: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        rows: list[tuple[str, str]] = []
        for name, inner in value.items():
            rows += _flat(inner, f"{path}.{name}" if path else str(name))
        return rows
    if isinstance(value, list | tuple):
        rows = []
        for index, inner in enumerate(value, start=1):
            rows += _flat(inner, f"{path}[{index}]")
        return rows
    return [(path, str(value))]
