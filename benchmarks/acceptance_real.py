"""`make acceptance-real`: one month of any İzibiz-layout CSV, closed in the sandbox.

Takes the sample company with its e-Defter start month set to the period and a calendar fiscal
year, only entries of that period, numbers from 1. Runs the real command line against simulators
of its own, leaves the archive tree in OUT, and then adds up source, yevmiye and kebir by readers
of its own (csv and lxml, nothing of the product), to the kuruş.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from lxml import etree

from benchmarks.figures import Figures
from edefter.config.settings import SealSettings, SecretRef, SourceSettings
from edefter.sandbox.world import SandboxWorld

REPO = Path(__file__).resolve().parents[1]
COR = "{http://www.xbrl.org/int/gl/cor/2006-10-25}"
COMPANY, TAX_NUMBER = "ornek", "1234567808"


@dataclass
class Sums:
    """Lines and both sides, in TRY."""

    lines: int = 0
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)

    def add(self, side: str, amount: Decimal) -> None:
        """Count one line."""
        self.lines += 1
        if side == "D":
            self.debit += amount
        else:
            self.credit += amount

    def __str__(self) -> str:
        return f"{self.lines} lines, debit {self.debit:.2f}, credit {self.credit:.2f}"


def csv_rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of the CSV, read without the product: UTF-8 or cp1254, any line end, `;`."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1254")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    header, _, _ = text.partition("\n")
    delimiter = max(";\t|,", key=header.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, quoting=csv.QUOTE_NONE)
    yield from reader


def source_sums(path: Path, period: str) -> Sums:
    """Sums of the CSV's rows of one month."""
    sums = Sums()
    for row in csv_rows(path):
        if row["entereddate"].startswith(period):
            sums.add(row["debitcreditcode"], Decimal(row["amount"]))
    return sums


def ledger_sums(path: Path) -> Sums:
    """Sums of the lines of a yevmiye or kebir file."""
    sums = Sums()
    parser = etree.iterparse(
        str(path), tag=f"{COR}entryDetail", resolve_entities=False, no_network=True, huge_tree=True
    )
    for _, detail in parser:
        side = detail.findtext(f"{COR}debitCreditCode")
        sums.add(side or "", Decimal(detail.findtext(f"{COR}amount") or "0"))
        detail.clear()
    return sums


def main(argv: list[str] | None = None) -> int:
    """Run one month; see the module's text.

    Returns:
        0 when the month is closed, archived and all sums agree; the command's exit code else.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.acceptance_real")
    parser.add_argument("--input", type=Path, required=True)
    parser.add_argument("--period", required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(argv)
    out: Path = options.out.absolute()
    if out.exists() and any(out.iterdir()):
        print(f"{out} is not empty; give an empty or new folder", file=sys.stderr)
        return 2
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="edefter-acceptance-") as work:
        code = _close_month(Path(work), options.input.absolute(), options.period, out)
    if code != 0:
        return code
    return _compare(options.input, options.period, out)


def _close_month(work: Path, source: Path, period: str, out: Path) -> int:
    with SandboxWorld(work / "sandbox", any_ports=True) as world:
        seal, password = world.seal_for(TAX_NUMBER, "ÖRNEK")
        settings = world.settings(
            work,
            sources={"default": SourceSettings(kind="izibiz", path=source, numbering="rebase")},
            seals={"default": SealSettings(path=seal.path, password=SecretRef(file=password))},
        )
        config = work / "edefter.toml"
        settings = settings.model_copy(
            update={"archive": settings.archive.model_copy(update={"root": out})}
        )
        from edefter.sandbox.world import to_toml

        config.write_text(to_toml(settings), encoding="utf-8")
        for words in (
            [
                "company", "add", "--file", str(REPO / "samples" / "company.toml"),
                "--set", f'edefter_start="{period}"', "--set", "fiscal_year_start_month=1",
                "--set", "fiscal_years=[]", "--set", 'source_company=""',
                "--set", 'source="default"', "--set", 'seal="default"',
            ],
            ["run", period, "--company", COMPANY],
        ):  # fmt: skip
            command = [sys.executable, "-m", "edefter", "--config", str(config), *words]
            environ = {**os.environ, "COLUMNS": os.environ.get("COLUMNS", "160")}
            code = subprocess.run(command, check=False, env=environ).returncode
            if code != 0:
                return code
    return 0


def _compare(source: Path, period: str, out: Path) -> int:
    stem = f"{TAX_NUMBER}-{period.replace('-', '')}"
    wanted = source_sums(source, period)
    figures = Figures()
    figures.add("source", wanted, "at least one line", wanted.lines > 0)
    for kind, name in (("Y", "yevmiye"), ("K", "kebir")):
        (path,) = out.rglob(f"{stem}-{kind}-000000.xml")
        sums = ledger_sums(path)
        figures.add(name, sums, "equal to the source to the kuruş", sums == wanted)
    approved = sorted(out.rglob(f"GIB-{stem}-*.xml"))
    figures.add("approved berats", len(approved), "2", len(approved) == 2)
    receipts = sorted(out.rglob("*.receipt.jws"))
    figures.add("portal receipts", len(receipts), "6", len(receipts) == 6)
    return figures.close()


if __name__ == "__main__":
    raise SystemExit(main())
