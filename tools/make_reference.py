"""Writes the reference pages that repeat facts of the code; a test compares them with the code.

Usage: `python tools/make_reference.py [--check]`. With `--check` nothing is written; the exit
code is 1 when a page differs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from edefter.config.schema import allowed, named_section_of, section_of
from edefter.config.settings import SecretRef, Section, Settings
from edefter.errors import ExitCode, worst
from edefter.messages import catalogue
from edefter.model.journal import COLUMNS

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- Made by tools/make_reference.py; change the code or that script, not this page. -->"

COLUMN_MEANINGS = {
    "entry_key": "What groups the lines of one voucher (fiş anahtarı); at least two lines share it",
    "entered_by": "Who entered it (kaydeden), two characters at least",
    "entered_date": "Date of the entry (yevmiye kayıt tarihi); decides month and order",
    "entry_number": "Voucher number (fiş no), free text",
    "entry_comment": "Explanation of the voucher (fiş açıklaması)",
    "batch_id": "Branch number, four digits; branch books only",
    "batch_description": "Branch name, `… Şubesi`; branch books only",
    "entry_no": "Journal entry number (yevmiye madde no); may be left to edefter, see `numbering`",
    "line_no": "Line number through the fiscal year; may be left to edefter as well",
    "main_account": "Main account (ana hesap), three digits of the uniform chart",
    "main_description": "Name of the main account",
    "sub_account": "Sub-account (alt hesap); starts with the main account",
    "sub_description": "Name of the sub-account; both or neither",
    "amount": "Amount in book currency, above zero, two decimals at most",
    "dc": "`D` debit (borç) or `C` credit (alacak)",
    "posting_date": "Date of the line; empty = `entered_date`",
    "document_type": "check, invoice, order-customer, order-vendor, voucher, shipment, receipt, "
    "other; empty when the entry rests on no document",
    "document_type_description": "Name of the document, required for `other` (dekont, …)",
    "document_number": "Document number; required for invoice, check and other",
    "document_reference": "If present, the same as `entry_number`",
    "document_date": "Document date; required where the number is",
    "payment_method": "How it was paid (ödeme yöntemi): Nakit, Banka, Çek, …",
    "line_comment": "Explanation of the line (satır açıklaması)",
    "amount_currency": "Currency of `amount`, ISO 4217; only with foreign transactions",
    "original_rate_date": "Date of the exchange rate; with `original_amount`",
    "original_amount": "Amount in foreign currency (döviz tutarı)",
    "original_currency": "Its currency, ISO 4217; with `original_amount`",
    "original_rate": "Exchange rate (kur); with `original_currency`",
    "original_rate_source": "Source of the rate (TCMB, …)",
    "original_rate_comment": "Remark on the rate",
    "fund_quantity": "Units of an investment fund; units × unit cost = amount",
    "fund_unit_cost": "Cost of one fund unit",
    "source_row": "Set by edefter: row of the source, for messages; not a column of yours",
}

TYPES = {
    "text": "text",
    "date": "date `yyyy-mm-dd`",
    "int": "whole number",
    "kurus": "decimal",
    "decimal": "decimal",
}

SETTING_MEANINGS = {
    "environment": "which authority, portal and trust anchors: never mixed",
    "data_dir": "state database, working files, locks",
    "lang": "language of messages",
    "state_url": "SQLAlchemy URL of the state database; empty = SQLite in `data_dir`",
    "trust_anchors": "PEM folder of trusted roots; empty = the shipped ones of the environment",
    "seals.NAME.kind": "kind of seal",
    "seals.NAME.path": "seal file (.p12/.pfx)",
    "seals.NAME.password": "its password, as a secret reference",
    "portal.enabled": "whether ledgers are uploaded to the archive portal at all",
    "portal.mutual_tls": "whether the upload channel presents a client certificate",
    "portal.connect_timeout_s": "wait for a connection",
    "portal.progress_timeout_s": "longest time without progress",
    "portal.retry_limit_s": "how long one run keeps trying an upload",
    "portal.finalize_wait_s": "how long one run waits for the portal's own check",
    "portal.proxy": "proxy URL; empty = none",
    "gib.proxy": "proxy URL; empty = none",
}

SECTION_SUMMARIES = {
    "application": "Who made this program, letter for letter as in GİB's approval letter. Needed "
    "in production only.",
    "seals.NAME": "A seal (mali mühür or NES). Companies name theirs; the default is `default`.",
    "sources.NAME": "An accounting source. Companies name theirs; the default is `default`.",
    "clock": "The clock check before every signature and every call to GİB.",
    "portal": "The archive portal: control channel on 443, resumable upload on 4443.",
    "archive": "The local archive tree; folder spellings are configurable.",
}

EXIT_MEANINGS = {
    ExitCode.OK: (
        "Everything asked for is done; after `run`: month closed and archived.",
        "İstenen her şey yapıldı; `run` sonrasında: ay kapandı ve arşivlendi.",
        "–",
    ),
    ExitCode.FINDINGS: (
        "Findings in the data or in a finished file; nothing was sent to GİB.",
        "Verilerde ya da oluşan dosyada bulgu var; GİB'e hiçbir şey gönderilmedi.",
        "Correct the vouchers named in the accounting program, run again.",
    ),
    ExitCode.CONFIG: (
        "Configuration or company registration is wrong or incomplete.",
        "Ayarlar ya da şirket kaydı yanlış veya eksik.",
        "Correct the keys or fields named, run again.",
    ),
    ExitCode.WAITING: (
        "Waiting for GİB or the portal. Nothing is lost.",
        "GİB ya da portal bekleniyor. Hiçbir şey kaybolmadı.",
        "Run the same command later (a scheduler may do it).",
    ),
    ExitCode.REFUSED: (
        "Refused: clock, seal, or the month before is not approved.",
        "Reddedildi: saat, mühür ya da önceki dönem onaylı değil.",
        "Remove the cause named, run again.",
    ),
    ExitCode.INTERNAL: (
        "Internal error, a defect of edefter.",
        "İç hata: edefter'in kusuru.",
        "Report it with the text shown.",
    ),
    ExitCode.OPERATOR: (
        "A person must decide: GİB rejected it, another version is approved there, or the portal "
        "holds other content.",
        "Karar vermeniz gerekiyor: GİB reddetti, orada başka sürüm onaylı ya da portalda başka "
        "içerik var.",
        "See [when GİB rejects](../how-to/gib-rejects.md).",
    ),
}

RULE_GROUPS = (
    ("GEN", "root element, decimals"),
    ("CTX", "context, ETTN and size in the berat, tax number in the file name"),
    ("DOC", "children of the root: signature, attachments"),
    ("SIG", "shape of the signature"),
    ("XBR", "xbrl block: units, identifier"),
    ("MEA", "units and currencies"),
    ("AEN", "entries present and sorted"),
    ("INF", "documentInfo: control number, dates, period, source application"),
    ("EIN", "entityInformation: title, address, accountant, fiscal year"),
    ("HDR", "entry header: numbers, totals, balance"),
    ("DET", "entry lines: accounts, amounts, documents, currency"),
    ("MSR", "measurable: fund units, inventory quantities"),
    ("BIN", "attachments"),
)


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
    rows = [
        f"| `{column.name}` | {TYPES[column.type]} | {'yes' if column.required else ''} "
        f"| {'voucher' if column.header else 'line'} | {COLUMN_MEANINGS[column.name]} "
        f"| {f'`{column.target}`' if column.target else ''} |"
        for column in COLUMNS
    ]
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
            "| Column | Type | Required | Of the | Meaning | Written to |",
            "| --- | --- | --- | --- | --- | --- |",
            *rows,
            "",
        ]
    )


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
    rules = [
        f"| `{key.partition('.')[2]}` | {cell(entry['tr'])} | {cell(entry['en'])} |"
        for key, entry in sorted(catalogue().items())
        if re.fullmatch(r"[a-z]+\.[A-Z]+(-[A-Z]+)?-\d\d", key)
    ]
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
            "`…-STR-nn` are stricter rules of our own; `…-RUN-nn` means that the document could "
            "not be evaluated by the rules and is therefore refused.",
            "",
            "## Rules before the document exists",
            "",
            "Texts as shown, with `{…}` filled in.",
            "",
            "| Rule | Türkçe | English |",
            "| --- | --- | --- |",
            *rules,
            "",
        ]
    )


PAGES: dict[str, Callable[[], str]] = {
    "configuration.md": configuration_page,
    "journal-columns.md": columns_page,
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
