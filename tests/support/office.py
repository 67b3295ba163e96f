"""A bookkeeping office for acceptance tests: configuration, registered company, the command line.

Runs the real `edefter` command (in this process, or as a process that can be killed) against a
`SandboxWorld`.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edefter.config.settings import SourceSettings
from edefter.model.identity import vkn_is_valid
from edefter.sandbox import softhsm
from edefter.sandbox.pki import SealFile
from edefter.sandbox.world import SandboxWorld, to_toml
from tests.support.warm import run_warm

REPO = Path(__file__).resolve().parents[2]
SAMPLES = REPO / "samples"
_numbers = itertools.count(412_000_000)


def fresh_vkn() -> str:
    """A valid VKN that no other test of this run uses (workers differ by process id)."""
    base = (next(_numbers) + os.getpid() * 1000) % 1_000_000_000
    return next(f"{base:09d}{digit}" for digit in range(10) if vkn_is_valid(f"{base:09d}{digit}"))


@dataclass
class Answer:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


class Office:
    """One installation: its own folder, configuration, company and accounting database."""

    def __init__(self, world: SandboxWorld, folder: Path, tax_number: str | None = None) -> None:
        self.world = world
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.tax_number = tax_number or fresh_vkn()
        self.database = folder / "books.sqlite"
        shutil.copy(SAMPLES / "ornek.sqlite", self.database)
        self.config = folder / "edefter.toml"
        self.write_config()

    def write_config(
        self,
        *,
        seal: SealFile | None = None,
        source: SourceSettings | None = None,
        **changes: Any,
    ) -> None:
        """Write the configuration; `changes` are dotted keys (`gib__base_url`)."""
        made, password = self.world.seal_for(self.tax_number, "TEST ŞİRKETİ")
        settings = self.world.settings(
            self.folder,
            sources={
                "default": source or SourceSettings(kind="sql", url=f"sqlite:///{self.database}")
            },
            seals={"default": self.world.seal_settings(seal or made, password)},
        )
        for key, value in changes.items():
            section, _, name = key.partition("__")
            inner = getattr(settings, section).model_copy(update={name: value})
            settings = settings.model_copy(update={section: inner})
        self.config.write_text(to_toml(settings), encoding="utf-8")

    def on_postgres(self, url: str) -> None:
        """Keep the state there."""
        text = self.config.read_text(encoding="utf-8")
        line = to_toml(self.world.settings(self.folder).model_copy(update={"state_url": url}))
        (found,) = [row for row in line.splitlines() if row.startswith("state_url")]
        first, _, rest = text.partition("\n")
        self.config.write_text(f"{first}\n{found}\n{rest}", encoding="utf-8")

    def command(self, *words: str) -> list[str]:
        """The command line of `edefter words…`."""
        return [sys.executable, "-m", "edefter", "--config", str(self.config), *words]

    def edefter(self, *words: str, lang: str = "tr") -> Answer:
        """Run `edefter words…` to its end, in a process of its own (`tests.support.warm`)."""
        environment = {**os.environ, "EDEFTER_LANG": lang}
        return Answer(*run_warm(["--config", str(self.config), *words], environment))

    def register(self, **fields: str) -> None:
        """Register the sample company under this office's tax number."""
        words = ["company", "add", "--file", str(SAMPLES / "company.toml")]
        for key, value in {"tax_id": self.tax_number, **fields}.items():
            words += ["--set", f'{key}="{value}"']
        answer = self.edefter(*words)
        assert answer.code == 0, answer.err

    def point_at(self, module: Path, *, timeout_s: int = 30) -> None:
        """Put another PKCS#11 library before this office's token."""
        text = self.config.read_text(encoding="utf-8")
        before = f'module = "{softhsm.LIBRARY}"'
        assert text.count(before) == 1
        after = f'module = "{module}"\ntimeout_s = {timeout_s}'
        self.config.write_text(text.replace(before, after), encoding="utf-8")

    def unlock(self) -> bool:
        """What a person does when a login at a token was cut in two; whether one was."""
        cut = any((self.folder / "data" / "seals").glob("*.pin.json"))
        if cut:
            answer = self.edefter("seal", "unlock")
            assert answer.code == 0, answer.err
        return cut

    def run(self, period: str, *words: str) -> Answer:
        """`edefter run PERIOD`."""
        return self.edefter("run", period, *words)

    def sql(self, statement: str, *values: object) -> None:
        """Change the accounting database."""
        connection = sqlite3.connect(self.database)
        with connection:
            connection.execute(statement, values)
        connection.close()

    @property
    def archive(self) -> Path:
        """The local archive tree."""
        return self.folder / "archive"

    def archived(self, pattern: str = "*.xml") -> list[Path]:
        """Files of the archive tree."""
        return sorted(self.archive.rglob(pattern))

    def half_written(self) -> list[Path]:
        """Unfinished files anywhere in the office's folder."""
        return [p for p in self.folder.rglob("*") if p.name.endswith(".part-tmp")]

    def sends(self) -> list[dict[str, Any]]:
        """What GİB received from this company as uploads, oldest first."""
        return [
            record
            for record in self.world.gib.received()
            if record.get("operation") == "sendDocumentFile"
            and self.tax_number in json.dumps(record)
        ]
