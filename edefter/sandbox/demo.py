"""`make demo`: a complete month end, twice, from an accounting database to the archive.

Runs the real command line as a user would, against simulators that it starts itself, and says at
the end where to look. Nothing outside loopback is contacted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from edefter import messages
from edefter.config.settings import SourceSettings
from edefter.resources import samples_dir
from edefter.sandbox.world import SEALS, SandboxWorld

PERIODS = ("2026-01", "2026-02")
COMPANY = "ornek"


def main(argv: list[str] | None = None) -> int:
    """Run the demo.

    Args:
        argv: `--out DIR` where everything is left to look at (emptied first); `--lang tr|en`;
            `--seal` where the test seal is kept (`SEALS`).

    Returns:
        0 when both months are closed and archived, else the exit code of the failing command.
    """
    parser = argparse.ArgumentParser(prog="python -m edefter.sandbox.demo")
    parser.add_argument("--out", type=Path, default=Path("demo-output"))
    parser.add_argument(
        "--lang", choices=("tr", "en"), default=os.environ.get("EDEFTER_LANG", "tr")
    )
    parser.add_argument("--seal", choices=SEALS, help="where the test seal is; default pkcs12-rsa")
    options = parser.parse_args(argv)
    out: Path = options.out.absolute()
    _empty(out)
    with SandboxWorld(out / "sandbox", any_ports=True, seals=options.seal) as world:
        database = out / "ornek.sqlite"
        shutil.copy(samples_dir() / "ornek.sqlite", database)
        seal, password = world.seal_for("1234567808", "ÖRNEK SANAYİ")
        config = world.write_config(
            out / "edefter.toml",
            sources={"default": SourceSettings(kind="sql", url=f"sqlite:///{database}")},
            seals={"default": world.seal_settings(seal, password)},
        )
        steps = [
            ["company", "add", "--file", str(samples_dir() / "company.toml")],
            *[["run", period, "--company", COMPANY] for period in PERIODS],
            ["verify", str(out / "archive")],
            ["archive", "verify", "--company", COMPANY],
            ["view", str(out / "archive"), "--out", str(out / "sayfalar")],
            ["status", "--company", COMPANY],
        ]
        for step in steps:
            print(f"\n$ edefter {' '.join(step)}", flush=True)
            code = _edefter(config, options.lang, step)
            if code != 0:
                print(f"\nedefter {step[0]}: exit {code}", file=sys.stderr)
                return code
    print("\n" + messages.text("cli.demo_end", options.lang, out=out, archive=out / "archive"))
    return 0


def _edefter(config: Path, lang: str, words: list[str]) -> int:
    command = [sys.executable, "-m", "edefter", "--config", str(config), "--lang", lang, *words]
    return subprocess.run(command, check=False).returncode


def _empty(out: Path) -> None:
    """Start from nothing, but never delete a folder that is not a demo of ours."""
    if not out.exists():
        out.mkdir(parents=True)
    elif (out / "sandbox" / "pki").is_dir():
        shutil.rmtree(out)
        out.mkdir()
    elif any(out.iterdir()):
        raise SystemExit(f"{out} is not empty and no demo of ours; choose another --out")
    else:
        return


if __name__ == "__main__":
    raise SystemExit(main())
