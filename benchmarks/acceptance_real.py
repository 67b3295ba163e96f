"""`make acceptance-real`: one month of any İzibiz-layout CSV, closed in the sandbox.

Takes the sample company with its e-Defter start month set to the period and a calendar fiscal
year, only entries of that period, numbers from 1. Runs the real command line against simulators
of its own, leaves the archive tree in OUT, and then adds up source, yevmiye and kebir by readers
of its own (plain text and lxml, nothing of the product), to the kuruş.
"""

from __future__ import annotations

import argparse
import codecs
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from lxml import etree

from benchmarks.figures import Figures
from edefter.config.settings import SourceSettings
from edefter.sandbox.world import SandboxWorld, to_toml

REPO = Path(__file__).resolve().parents[1]
COR = "{http://www.xbrl.org/int/gl/cor/2006-10-25}"
COMPANY, TAX_NUMBER = "ornek", "1234567808"
USAGE = 2  # exit code: the command was called wrongly


@dataclass
class Sums:
    """Lines and both sides, in TRY; `other` counts lines whose side or amount is no value."""

    lines: int = 0
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    other: int = 0

    def add(self, side: str, amount: str) -> None:
        """Count one line."""
        self.lines += 1
        try:
            value = Decimal(amount.strip())
        except InvalidOperation:
            self.other += 1
            return
        if side.strip() == "D":
            self.debit += value
        elif side.strip() == "C":
            self.credit += value
        else:
            self.other += 1

    def __str__(self) -> str:
        unread = f", {self.other} unreadable" if self.other else ""
        return f"{self.lines} lines, debit {self.debit:.2f}, credit {self.credit:.2f}{unread}"


def decoded(data: bytes) -> str:
    """The text of a file: by its byte order mark, else UTF-8, else cp1254."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1254", errors="replace")


def csv_rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of the CSV, read without the product; any encoding, line end, delimiter of inputs.md §2.

    The layout knows no quoting, so a row is cut at its delimiters and nothing else.
    """
    lines = re.split("\r\n|\r|\n", decoded(path.read_bytes()))
    delimiter = max(";\t|,", key=lines[0].count)
    names = [name.strip().lower() for name in lines[0].split(delimiter)]
    for line in lines[1:]:
        if line:
            yield dict(zip(names, line.split(delimiter), strict=False))


def source_sums(path: Path, period: str) -> Sums:
    """Sums of the CSV's rows of one month (`YYYY-MM`)."""
    sums = Sums()
    for row in csv_rows(path):
        if row.get("entereddate", "").strip().startswith(f"{period}-"):
            sums.add(row.get("debitcreditcode", ""), row.get("amount", ""))
    return sums


def ledger_sums(path: Path) -> Sums:
    """Sums of the lines of a yevmiye or kebir file."""
    sums = Sums()
    parser = etree.iterparse(
        str(path), tag=f"{COR}entryDetail", resolve_entities=False, no_network=True, huge_tree=True
    )
    for _, detail in parser:
        sums.add(
            detail.findtext(f"{COR}debitCreditCode") or "", detail.findtext(f"{COR}amount") or ""
        )
        detail.clear()
        while detail.getprevious() is not None:
            del detail.getparent()[0]
    return sums


def main(argv: list[str] | None = None) -> int:
    """Run one month; see the module's text.

    Returns:
        0 when the month is closed, archived and all sums agree; 1 when a figure is short; 2 when
        the command was called wrongly; else the exit code of `edefter`.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.acceptance_real")
    parser.add_argument("--input", type=Path, required=True)
    parser.add_argument("--period", required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(argv)
    source, out = options.input.absolute(), options.out.absolute()
    wrong = usage_error(source, options.period, out)
    if wrong:
        print(wrong, file=sys.stderr)
        return USAGE
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="edefter-acceptance-") as folder:
        work = Path(folder)
        with SandboxWorld(work / "sandbox", any_ports=True) as world:
            code = close_month(world, work, source, options.period, out)
    return code or compare(source, options.period, out)


def usage_error(source: Path, period: str, out: Path) -> str:
    """What is wrong with the three arguments, as a sentence; empty when nothing is."""
    if not source.is_file():
        return f"INPUT: there is no file {source}"
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", period):
        return f"PERIOD: {period!r} is not a month; write YYYY-MM, for example 2013-01"
    if out.exists() and not out.is_dir():
        return f"OUT: {out} is not a folder"
    if out.exists() and any(out.iterdir()):
        return f"OUT: {out} is not empty; give an empty or new folder"
    return ""


def close_month(
    world: SandboxWorld,
    work: Path,
    source: Path,
    period: str,
    out: Path,
    tax_number: str = TAX_NUMBER,
) -> int:
    """Register the sample company and run the month by the command line.

    Args:
        world: running simulators.
        work: folder for configuration, state and work files.
        source: the CSV.
        period: `YYYY-MM`, also the company's first month with e-books.
        out: root of the archive tree.
        tax_number: whose books these are.

    Returns:
        The exit code of the first `edefter` command that did not end with 0, or 0.
    """
    seal, password = world.seal_for(tax_number, "ÖRNEK")
    settings = world.settings(
        work,
        sources={"default": SourceSettings(kind="izibiz", path=source, numbering="rebase")},
        seals={"default": world.seal_settings(seal, password)},
    )
    archive = settings.archive.model_copy(update={"root": out})
    config = work / "edefter.toml"
    config.write_text(to_toml(settings.model_copy(update={"archive": archive})), encoding="utf-8")
    fields = {
        "tax_id": f'"{tax_number}"',
        "edefter_start": f'"{period}"',
        "fiscal_year_start_month": "1",
        "fiscal_years": "[]",
        "source_company": '""',
        "source": '"default"',
        "seal": '"default"',
    }
    add = ["company", "add", "--file", str(REPO / "samples" / "company.toml")]
    for name, value in fields.items():
        add += ["--set", f"{name}={value}"]
    for words in (add, ["run", period, "--company", COMPANY]):
        command = [sys.executable, "-m", "edefter", "--config", str(config), *words]
        code = subprocess.run(command, check=False).returncode
        if code != 0:
            return code
    return 0


def compare(source: Path, period: str, out: Path, tax_number: str = TAX_NUMBER) -> int:
    """Print the figures of a closed month: sums, approved berats, receipts.

    Returns:
        0 when all hold, else 1.
    """
    stem = f"{tax_number}-{period.replace('-', '')}"
    wanted = source_sums(source, period)
    figures = Figures()
    figures.add("source", wanted, "at least one line", wanted.lines > 0 and not wanted.other)
    for kind, name in (("Y", "yevmiye"), ("K", "kebir")):
        sums = Sums()
        for path in out.rglob(f"{stem}-{kind}-000000.xml"):
            sums = ledger_sums(path)
        figures.add(name, sums, "equal to the source to the kuruş", sums == wanted)
    approved = sorted(out.rglob(f"GIB-{stem}-*.xml"))
    figures.add("approved berats", len(approved), "2", len(approved) == 2)
    receipts = sorted(out.rglob("*.receipt.jws"))
    # Ledger, berat, approved berat and bundle of both books.
    figures.add("portal receipts", len(receipts), "8", len(receipts) == 8)
    return figures.close()


if __name__ == "__main__":
    raise SystemExit(main())
