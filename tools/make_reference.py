"""Writes the reference pages that repeat facts of the code; a test compares them with the code.

Usage: `python tools/make_reference.py [--check]`. With `--check` nothing is written; the exit
code is 1 when a page differs.
"""

from __future__ import annotations

import copy
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from edefter.config.schema import allowed, named_section_of, section_of
from edefter.config.section import SecretRef, Section
from edefter.config.settings import Settings
from edefter.errors import ExitCode, worst
from edefter.messages import catalogue
from edefter.model.company import (
    PHONE_KINDS,
    Accountant,
    Address,
    Branch,
    Company,
    Contacts,
    Phone,
)
from edefter.model.finding import Severity
from edefter.model.inventory import INVENTORY
from edefter.model.journal import JOURNAL, Layout
from edefter.model.period import FiscalYear
from edefter.model.registration import read_registration
from edefter.model.registration_texts import NAMES
from edefter.validation.rule import Rule, all_rules
from edefter.validation.sets import MESSAGES
from tools.reference_texts import (
    COLUMN_MEANINGS,
    EXIT_MEANINGS,
    RULE_GROUPS,
    SECTION_SUMMARIES,
    SETTING_MEANINGS,
    TYPES,
)

REPO = Path(__file__).resolve().parent.parent
FOLDER = REPO / "docs" / "reference"
SAMPLE_COMPANY = REPO / "samples" / "company.toml"
NOTE = "<!-- Made by tools/make_reference.py; change the code or that script, not this page. -->"


def configuration_page() -> str:
    """All configuration keys with type, default and meaning."""
    parts = [
        "# Configuration keys",
        NOTE,
        "One TOML file, `edefter.toml`: the one named by `EDEFTER_CONFIG`, else in the current "
        "folder, else in the user's configuration folder. An unknown key is an error. Relative "
        "paths count from the file's folder. Durations are seconds, sizes bytes.",
        "Environment variables win over the file: `EDEFTER_LANG`, "
        "`EDEFTER_CLOCK__MODE` (section and key joined by two underscores), "
        "`EDEFTER_SOURCES__DEFAULT__URL` (NAME in between); lists are separated by commas.",
        "A **secret** is never written as a value but as a reference with exactly one field: "
        '`{ file = "…" }` (first line, readable by its owner alone), `{ env = "…" }`, '
        '`{ keyring = "service/user" }` or `{ prompt = "question" }`.',
    ]
    top: list[str] = []
    tables: list[str] = []
    documented = descriptions(Settings)
    for name, info in Settings.model_fields.items():
        named = named_section_of(info.annotation)
        model = named or section_of(info.annotation)
        if model is None or not issubclass(model, Section):
            top.append(row(name, name, info, documented.get(name, "")))
        elif named is not None:
            tables += section(f"{name}.NAME", model)
        else:
            tables += section(name, model)
    parts += ["## Top level", table(top), *tables]
    return "\n\n".join(parts) + "\n"


def section(name: str, model: type[BaseModel]) -> Iterator[str]:
    """Heading, summary and table of one section."""
    documented = descriptions(model)
    rows = [
        row(key, f"{name}.{key}", info, documented.get(key, ""))
        for key, info in model.model_fields.items()
    ]
    yield f"## [{name}]"
    yield SECTION_SUMMARIES.get(name) or (model.__doc__ or "").split("\n\n", maxsplit=1)[0].strip()
    yield table(rows)


def row(key: str, path: str, info: Any, documented: str) -> str:
    """One row of a configuration table.

    Raises:
        LookupError: a key without a description, neither in the class docstring nor here.
    """
    meaning = SETTING_MEANINGS.get(path, documented)
    if not meaning:
        raise LookupError(f"{path} has no description; write one in its class docstring")
    meaning = meaning.removesuffix(".").replace("None =", "empty =")
    kind = "secret" if section_of(info.annotation) is SecretRef else allowed(info)
    return f"| `{key}` | {cell(default_of(info))} | {cell(kind)} | {cell(meaning)} |"


def default_of(info: Any) -> str:
    """The default as TOML would say it, or that there is none."""
    if info.default is PydanticUndefined:
        return "required"
    if info.default is None:
        return "–"
    if isinstance(info.default, bool):
        return f"`{str(info.default).lower()}`"
    if isinstance(info.default, tuple):
        return ", ".join(f"`{item}`" for item in info.default) or "–"
    value = getattr(info.default, "value", info.default)
    return f"`{value}`" if str(value) != "" else "–"


def table(rows: list[str]) -> str:
    """A configuration table."""
    return "\n".join(["| Key | Default | Allowed | Meaning |", "| --- | --- | --- | --- |", *rows])


def cell(text: str) -> str:
    """Text that does not break a table."""
    return text.replace("|", "\\|")


def descriptions(model: type[BaseModel]) -> dict[str, str]:
    """The `Args:` of a class docstring by name; `a, b: text` describes both."""
    _, _, args = (model.__doc__ or "").partition("Args:\n")
    found: dict[str, str] = {}
    names: list[str] = []
    for line in args.splitlines():
        match = re.fullmatch(r" {8}(\w+(?:, \w+)*): (.*)", line)
        if match:
            names = match[1].split(", ")
            for name in names:
                found[name] = match[2].strip()
        elif line.startswith(" " * 12):
            for name in names:
                found[name] += " " + line.strip()
        else:
            names = []
    return found


def columns_page() -> str:
    """The canonical journal columns."""
    return "\n".join(
        [
            "# Journal columns",
            "",
            NOTE,
            "",
            "One row per journal line; the voucher's fields are repeated on each of its lines. "
            "These names are the columns of the SQL view or query "
            "([how to](../how-to/sql-view.md)). A missing value is NULL.",
            "",
            *_columns_table(JOURNAL),
            "",
            "## Columns of an envanter",
            "",
            "One row per line of the envanter, in the view `edefter_inventory` or the query "
            "`inventory_query` ([how to](../how-to/envanter.md)).",
            "",
            *_columns_table(INVENTORY),
            "",
        ]
    )


def _columns_table(layout: Layout) -> list[str]:
    rows = [
        f"| `{column.name}` | {TYPES[column.type]} | {'yes' if column.required else ''} "
        f"| {'voucher' if column.header else 'line'} | {COLUMN_MEANINGS[column.name]} "
        f"| {f'`{column.target}`' if column.target else ''} |"
        for column in layout.columns
    ]
    return [
        "| Column | Type | Required | Of the | Meaning | Written to |",
        "| --- | --- | --- | --- | --- | --- |",
        *rows,
    ]


def company_page() -> str:
    """Fields of a company's registration; whether a field is required is found out by trying."""
    sample = SAMPLE_COMPANY.read_text(encoding="utf-8")
    raw = tomllib.loads(sample)
    groups: tuple[tuple[str, str, type, dict[str, Any] | None], ...] = (
        ("Company", "", Company, raw),
        ("[address]", "address", Address, raw["address"]),
        ("[[accountants]]", "accountants", Accountant, raw["accountants"][0]),
        ("[[branches]]", "branches", Branch, None),
        ("[[fiscal_years]]", "fiscal_years", FiscalYear, None),
        ("[more], [accountants.more]", "more", Contacts, None),
        ("[[more.phones]]", "more.phones", Phone, None),
    )
    parts = [
        "# Company registration",
        NOTE,
        "Given to `edefter company add` as a TOML file (`--file`) or field by field "
        "(`--set address.city=İzmir`). All missing and wrong fields are reported at once, each "
        "with the rule that needs it. Texts stand in quotes, numbers of accounts and taxes too.",
    ]
    for heading, path, record, given in groups:
        rows = [
            f"| `{field.name}` | {NAMES[field.name][0]} | {NAMES[field.name][1]} "
            f"| {'yes' if needed(raw, path, field.name, given) else ''} |"
            for field in fields(record)
        ]
        head = "| Field | Alan | Meaning | Required |\n| --- | --- | --- | --- |\n"
        parts += [f"## {heading}", head + "\n".join(rows)]
    parts += [
        "`[[branches]]`, `[[fiscal_years]]` and the address of an accountant are optional as a "
        "whole. `[[fiscal_years]]` is for unusual years only (short first year, liquidation). "
        "`[more]` holds what is written behind the first phone, fax, e-mail address, web site and "
        "address: `faxes`, `emails` and `websites` are lists of texts, `[[more.addresses]]` has "
        "the fields of `[address]`; an accountant has phones, faxes and e-mail addresses only. "
        f"Kinds of phones: {', '.join(f'`{kind}`' for kind in PHONE_KINDS)}.",
        "## Example",
        f"```toml\n{sample.strip()}\n```",
    ]
    return "\n\n".join(parts) + "\n"


def needed(raw: dict[str, Any], path: str, name: str, given: dict[str, Any] | None) -> bool:
    """Whether a registration without this field is refused."""
    changed = copy.deepcopy(raw)
    if given is None:  # a group that the sample does not have: try it with this field missing
        full: dict[str, dict[str, Any]] = {
            "branches": {"number": "0001", "name": "Ankara Şubesi", "start": "2026-01"},
            "fiscal_years": {"start": "2026-01-01", "end": "2026-12-31"},
            "more": {},
            "more.phones": {"number": "3121234567", "kind": "direct"},
        }
        rest = {key: value for key, value in full[path].items() if key != name}
        if path == "more":
            changed["more"] = rest
        elif path == "more.phones":
            changed["more"] = {"phones": [rest]}
        else:
            changed[path] = [rest]
    else:
        target = changed[path] if path else changed
        target = target[0] if isinstance(target, list) else target
        target.pop(name, None)
    return any(item.severity is Severity.ERROR for item in read_registration(changed)[1])


def exit_codes_page() -> str:
    """The exit codes and which one wins."""
    rest = set(ExitCode)
    order: list[str] = []
    while rest:
        code = worst(rest)
        order.append(str(int(code)))
        rest.remove(code)
    rows = [
        f"| {int(code)} | {EXIT_MEANINGS[code][0]} | {EXIT_MEANINGS[code][1]} "
        f"| {EXIT_MEANINGS[code][2]} |"
        for code in sorted(ExitCode)
    ]
    return "\n".join(
        [
            "# Exit codes",
            "",
            NOTE,
            "",
            "| Code | Meaning | Anlamı | What to do |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
            f"A run over several companies ends with the worst of theirs: {' > '.join(order)}.",
            "",
        ]
    )


def findings_page() -> str:
    """How finding ids are built, and our own rules with their texts."""
    groups = [f"| `{name}` | {what} |" for name, what in RULE_GROUPS]
    rules = [row for area, row in catalogue_rules() if area != "inputs"]
    return "\n".join(
        [
            "# Finding ids",
            "",
            NOTE,
            "",
            "A finding is a mistake in data or in a document. It names the rule, the place "
            "(voucher, entry, line, account, source row), what is wrong in Turkish and English, "
            "and how to correct it. All findings of a run are listed together; edefter never "
            "corrects data itself.",
            "",
            "## Official rules",
            "",
            "`{document}-{group}-{number}`, for example `Y-HDR-12`. The document is `Y` (yevmiye), "
            "`K` (kebir), `B` (berat of either), `R` (defter raporu), `E` (envanter), `EB` (its "
            "berat). They restate GİB's business rules; the group says which part is meant:",
            "",
            "| Group | Checks |",
            "| --- | --- |",
            *groups,
            "",
            "`…-STR-nn` are stricter rules of our own (`REG-STR-nn` for the company's "
            "registration); `…-RUN-nn` means that the document could not be evaluated by the rules "
            "and is therefore refused.",
            "",
            "## Rules before the document exists",
            "",
            "Texts as shown, with `{…}` filled in.",
            "",
            "| Rule | Türkçe | English |",
            "| --- | --- | --- |",
            *rules,
            "",
            "## Files and zips",
            "",
            "Before a document is looked into ([validate](validate.md)).",
            "",
            "| Rule | Türkçe | English |",
            "| --- | --- | --- |",
            *[row for area, row in catalogue_rules() if area == "inputs"],
            "",
            "## Rules of the documents",
            "",
            "The id of a finding is document and rule together: `DET-01` in a yevmiye is "
            "`Y-DET-01`. `…-STR-nn` are whole ids.",
            "",
            "| Rule | Documents | Türkçe | English |",
            "| --- | --- | --- | --- |",
            *[rule_row(rule) for rule in all_rules()],
            "",
            "## Between documents",
            "",
            "Files of one taxpayer compared with each other: by `edefter validate` over several "
            "files, and by the pipeline over its own.",
            "",
            "| Rule | Türkçe | English |",
            "| --- | --- | --- |",
            *[
                f"| `{rule}` | {cell(entry['tr'])} | {cell(entry['en'])} |"
                for rule, keys in MESSAGES
                for entry in (catalogue()[f"validation.{key}"] for key in keys)
            ],
            "",
        ]
    )


def catalogue_rules() -> list[tuple[str, str]]:
    """Area and row of every message that is a rule of its own."""
    return [
        (
            key.partition(".")[0],
            f"| `{key.partition('.')[2]}` | {cell(entry['tr'])} | {cell(entry['en'])} |",
        )
        for key, entry in sorted(catalogue().items())
        if re.fullmatch(r"[a-z]+\.[A-Z]+(-[A-Z]+)?-\d\d", key)
    ]


def rule_row(rule: Rule) -> str:
    """One rule of the documents."""
    return (
        f"| `{rule.name}` | {' '.join(rule.families)} | {cell(rule.message_tr)} "
        f"| {cell(rule.message_en)} |"
    )


PAGES: dict[str, Callable[[], str]] = {
    "configuration.md": configuration_page,
    "journal-columns.md": columns_page,
    "company.md": company_page,
    "exit-codes.md": exit_codes_page,
    "findings.md": findings_page,
}


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them with `--check`."""
    different = []
    for name, make in PAGES.items():
        path, text = FOLDER / name, make()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        different.append(name)
        if "--check" not in arguments:
            FOLDER.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    print("\n".join(f"{name}: differs" for name in different) or "reference pages are current")
    return 1 if different and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
