"""Compare our verdicts with the official ones, case by case.

    python -m benchmarks.conformance [--cases DIR] [--kinds Y,K,YB,KB]

The folder holds `verdicts.jsonl` and either `cases.tar.gz` or an unpacked `cases/`; see the README
beside them. Exit 0 only when every case agrees.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edefter.model.documents import Kind
from edefter.validation import Report, validate

DEFAULT_CASES = Path(__file__).resolve().parent.parent.parent / "shared" / "conformance"
DTD_RULE = "XML-DTD"


@dataclass(slots=True)
class Tally:
    """How many cases agree, and which do not."""

    cases: int = 0
    schema_agreements: int = 0
    rule_agreements: int = 0
    count_agreements: int = 0
    dtd_cases: int = 0
    dtd_refused: int = 0
    disagreements: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether there was something to compare and all of it agrees."""
        return (
            self.cases + self.dtd_cases > 0
            and self.schema_agreements == self.cases
            and self.rule_agreements == self.cases
            and self.dtd_refused == self.dtd_cases
        )


def documents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """(`<kind>/<case>/<file>`, bytes) of every case, in the order of the archive."""
    unpacked = folder / "cases"
    if unpacked.is_dir():
        for path in sorted(item for item in unpacked.rglob("*") if item.is_file()):
            yield path.relative_to(unpacked).as_posix(), path.read_bytes()
        return
    with tarfile.open(folder / "cases.tar.gz") as archive:
        for member in archive:
            source = archive.extractfile(member) if member.isfile() else None
            if source is not None:
                yield member.name.removeprefix("cases/"), source.read()


def schema_verdict(report: Report) -> str:
    """Our XSD verdict in the words of the verdict file."""
    if not report.well_formed:
        return "not-well-formed"
    return "valid" if report.schema_valid else "invalid"


def compare(verdict: dict[str, Any], report: Report, tally: Tally) -> None:
    """Take one case into the tally."""
    case, title = verdict["case"], verdict["title"]
    if title.startswith("DTD:"):
        tally.dtd_cases += 1
        refused = any(item.rule == DTD_RULE for item in report.findings)
        broken = verdict["xsd"] == "not-well-formed" and not report.well_formed
        if refused or broken:
            tally.dtd_refused += 1
        else:
            tally.disagreements.append(f"{case}: DTD not refused ({title})")
        return
    tally.cases += 1
    ours = schema_verdict(report)
    if ours in (verdict["xsd"], verdict.get("xsd_other")):
        tally.schema_agreements += 1
    else:
        tally.disagreements.append(f"{case}: XSD {ours}, official {verdict['xsd']} ({title})")
    official = verdict["schematron"]
    if official == "engine-error":
        agrees, found = not report.evaluated, sorted(report.official_ids)
    else:
        agrees = report.evaluated and report.official_ids == set(official)
        found = sorted(report.official_ids) if report.evaluated else ["engine-error"]
    if not agrees:
        tally.disagreements.append(f"{case}: rules {found}, official {official} ({title})")
        return
    tally.rule_agreements += 1
    counts = {rule: report.findings.counts[rule] for rule in report.official_ids}
    if official == "engine-error" or counts == verdict["counts"]:
        tally.count_agreements += 1


def run(folder: Path, kinds: set[str]) -> Tally:
    """Judge all cases of the kinds.

    Raises:
        OSError: the folder lacks its files.
    """
    verdicts = {}
    for line in (folder / "verdicts.jsonl").read_text(encoding="utf-8").splitlines():
        verdict = json.loads(line)
        if verdict["kind"] in kinds:
            verdicts[f"{verdict['kind']}/{verdict['case']}/{verdict['file']}"] = verdict
    tally = Tally()
    missing = set(verdicts)
    for name, content in documents(folder):
        verdict = verdicts.get(name)
        if verdict is None:
            continue
        missing.discard(name)
        report = validate(io.BytesIO(content), verdict["file"], kind=Kind(verdict["kind"]))
        compare(verdict, report, tally)
    tally.disagreements += [f"{name}: document missing" for name in sorted(missing)]
    tally.cases += len(missing)
    return tally


def _figure(name: str, value: int, bar: int) -> str:
    return f"{name}: {value} (bar {bar}) {'ok' if value == bar else 'short'}"


def main(arguments: list[str] | None = None) -> int:
    """Print cases, agreements and disagreements; 0 only when all agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, default=DEFAULT_CASES)
    parser.add_argument("--kinds", default=",".join(Kind))
    options = parser.parse_args(arguments)
    tally = run(options.cases, set(options.kinds.split(",")))
    for line in tally.disagreements:
        print(line)
    print(f"kinds: {options.kinds}")
    print(f"cases: {tally.cases}, and {tally.dtd_cases} with a DTD")
    print(f"same number of findings of every rule: {tally.count_agreements} of {tally.cases}")
    print(_figure("XSD verdicts agree", tally.schema_agreements, tally.cases))
    print(_figure("rule sets agree", tally.rule_agreements, tally.cases))
    print(_figure("DTDs refused", tally.dtd_refused, tally.dtd_cases))
    return 0 if tally.ok else 1


if __name__ == "__main__":
    sys.exit(main())
