"""A journal of some size, divided by itself, judged part by part and together.

    python -m benchmarks.bench_split [--size-mb 450]

Builds yevmiye and kebir, signs every part, and asks the validator for each file (schema, GİB's
rules, ours) and for all of them together.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import ledgers
from benchmarks.figures import Figures, peak_rss_bytes
from edefter.ledger.build import build_parts
from edefter.model.documents import MOST_FILE_BYTES
from edefter.model.files import Counters
from edefter.model.finding import FindingLog
from edefter.sandbox.generate import generate
from edefter.sandbox.pki import SandboxPki
from edefter.signature.seals.pkcs12 import Pkcs12Seal
from edefter.signature.sign import sign_file
from edefter.validation import validate
from edefter.validation.sets import Judged, check_set

_MB = 1_000_000


def main(arguments: list[str] | None = None) -> int:
    """Measure; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--size-mb", type=int, default=450)
    options = parser.parse_args(arguments)
    lines = options.size_mb * _MB // ledgers.LINE_BYTES
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="edefter-bench-split-") as name:
        folder = Path(name)
        findings = FindingLog()
        begin = time.perf_counter()
        parts = build_parts(
            generate(lines, seed=1, period=ledgers.PERIOD), ledgers.head(),
            before=Counters(), numbering="assign", folder=folder, findings=findings,
        )  # fmt: skip
        took = time.perf_counter() - begin
        assert parts is not None, dict(findings.counts)
        pki = SandboxPki(folder / "pki")
        file = pki.issue_seal(ledgers.company().tax_id.number, "Ölçüm")
        seal = Pkcs12Seal("olcum", file.path, file.password)
        (folder / "signed").mkdir()
        judged, sizes, wrong = [], [], 0
        for part in parts:
            for unsigned in (part.yevmiye, part.kebir):
                signed = sign_file(
                    unsigned, folder / "signed", seal, signing_time=datetime.now(UTC), proven=False
                ).file
                with signed.path.open("rb") as stream:
                    report = validate(stream, signed.path.name, own=True)
                wrong += report.findings.total
                judged.append(Judged(signed.path, report))
                sizes.append(signed.size_bytes)
                print(
                    f"{signed.path.name}: {signed.size_bytes / _MB:.1f} MB, {part.first_day} –"
                    f" {part.last_day}, findings {report.findings.total}"
                )
        (together,) = check_set(judged, own=True)
        journal = sum(part.yevmiye.size_bytes for part in parts)
        least = -(-journal // MOST_FILE_BYTES)
        print(f"{lines} lines, yevmiye {journal / _MB:.0f} MB, built in {took:.1f} s", end="")
        print(f" ({lines / took:,.0f} lines/s), peak RSS {peak_rss_bytes() >> 20} MB")
        figures.add("parts", f"{len(parts)}", f"as few as can be, {least}", len(parts) == least)
        figures.add(
            "largest signed file", f"{max(sizes) / _MB:.1f} MB", "under 200 MB",
            max(sizes) < MOST_FILE_BYTES,
        )  # fmt: skip
        figures.add("findings one by one", f"{wrong}", "0", not wrong)
        figures.add("findings together", f"{together.findings.total}", "0", together.ok)
        sums = [sum(p.source_totals.debit_kurus for p in parts)]
        sums += [sum(p.yevmiye_totals.debit_kurus for p in parts)]
        sums += [sum(p.kebir_totals.debit_kurus for p in parts)]
        figures.add("debit of source, Y, K", f"{sums[0] / 100:,.2f}", "equal", len(set(sums)) == 1)
    return figures.close()


if __name__ == "__main__":
    sys.exit(main())
