"""Lost or damaged archive files brought back: from work files, state, bundles and the portal.

A file comes back only with the SHA-256 that its row names, and into its place only when what
stands there is not it; that goes aside and is not erased. With another folder as target the portal
alone is asked: that is the drill which shows that it would do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from edefter.archive.errors import ContractViolation, PortalRefused, VaultConflict
from edefter.archive.findings import lost, strangers
from edefter.archive.hashtree import root_of
from edefter.archive.manifest import Entry
from edefter.archive.mending import bring_back, rebook, set_aside
from edefter.archive.places.open import open_place
from edefter.archive.places.port import PlaceConflict
from edefter.archive.proof import is_whole, strays
from edefter.archive.vault import Vault
from edefter.engine.job import Job
from edefter.engine.lock import company_lock
from edefter.engine.services import Services
from edefter.engine.witnesses import Witnesses
from edefter.engine.worklist import books_of
from edefter.errors import ConfigError
from edefter.model.company import Company
from edefter.model.documents import DocumentName
from edefter.model.finding import Finding


@dataclass
class Restored:
    """What a restore did.

    Args:
        company: code.
        whole: how many files were as they should be.
        restored: (path below the company's folder, where its content came from: `work`, `state`,
            `bundle`, `shipped` or `portal`).
        set_aside: files that stood in the way or were strange, where they are now.
        rebooked: folders of fiscal years whose journal or manifests were brought into line.
        findings: what could not be brought back, or what the witnesses disagree about.
        files, size_bytes, root: of the whole tree: how many rows, bytes, the hash tree's root.
    """

    company: str
    whole: int = 0
    restored: list[tuple[str, str]] = field(default_factory=list)
    set_aside: list[Path] = field(default_factory=list)
    rebooked: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    size_bytes: int = 0
    root: str = ""


def require_empty(folder: Path) -> None:
    """Refuse a folder that holds something: a drill begins with nothing.

    Raises:
        ConfigError: it does, or it is no folder.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError("engine.restore_not_empty", place=str(folder))


def restore_company(
    services: Services, company: Company, to: Path | None = None, origin: str | None = None
) -> Restored:
    """Bring back whatever is missing or damaged in a company's archive tree.

    Args:
        services: the world.
        company: whose.
        to: another root to build the tree in, from the portal alone; None = the archive itself.
        origin: name of a second place to be asked instead of the portal.

    Returns:
        What was done; nothing is left half-done when it stops, and a second call goes on.

    Raises:
        ConfigError: no such second place.
        WaitingError: another run holds the company.
        PlaceUnreachable, PlaceRefused, PlaceConflict: the second place does not do.
        PortalUnreachable, PortalWaiting, PortalSetupRefused: the portal cannot be asked.
        ContractViolation: it broke its contract.
        OSError: disk full, no permission.
    """
    branch = books_of(company)[0]
    job = Job(services, company, branch, company.first_period(branch))
    vault = job.vault if to is None else Vault(job.settings.archive, to, wall=services.wall)
    with ExitStack() as stack:
        stack.enter_context(company_lock(services.data_dir / "locks", services.store, company))
        place = None
        if origin is not None:
            settings = services.settings.places.get(origin)
            if settings is None:
                known = ", ".join(services.settings.places) or "-"
                raise ConfigError("engine.no_such_place", place=origin, known=known)
            place = stack.enter_context(open_place(origin, settings, services.secret))
        witnesses = Witnesses(job, vault, alone=to is not None, place=place)
        stack.callback(witnesses.close)
        return _Restore(job, vault, witnesses).run()


class _Restore:
    """One restore of one company."""

    def __init__(self, job: Job, vault: Vault, witnesses: Witnesses) -> None:
        self._job, self._vault, self._witnesses = job, vault, witnesses
        moment = job.services.wall().astimezone(UTC)
        place = job.services.data_dir / "set-aside" / job.company.code
        self._aside = place / f"{moment:%Y%m%dT%H%M%SZ}"
        self._done = Restored(job.company.code, findings=[*witnesses.listed, *witnesses.findings])

    def run(self) -> Restored:
        done, tree = self._done, self._witnesses.tree
        for folder, rows in sorted(tree.items()):
            for row in sorted(rows.values(), key=lambda row: row.name):
                self._ensure(folder, row)
            self._move_strays(folder, rows)
        self._write_down()
        rows = {f"{folder}/{name}": row for folder in tree for name, row in tree[folder].items()}
        done.files = len(rows)
        done.size_bytes = sum(row.size_bytes for row in rows.values())
        done.root = root_of((path, row.sha256) for path, row in rows.items())
        return done

    def _ensure(self, folder: str, row: Entry) -> None:
        path = self._witnesses.top / folder / row.name
        if is_whole(path, row):
            self._done.whole += 1
            return
        for origin, write in self._witnesses.sources(row):
            if path.exists():
                self._done.set_aside.append(set_aside(path, self._aside / folder / row.name))
            try:
                bring_back(self._vault, self._witnesses.top / folder, row, write)
            except (ContractViolation, PortalRefused, VaultConflict, PlaceConflict):
                continue  # that one had something else; perhaps the next one has it
            self._done.restored.append((f"{folder}/{row.name}", origin))
            self._job.services.listener.step(
                "engine.step_restored", **self._job.facts, file=row.name, origin=origin
            )
            return
        self._done.findings += lost([f"{folder}/{row.name}"])

    def _move_strays(self, folder: str, rows: Mapping[str, Entry]) -> None:
        """Files that nobody knows go aside, as ransomware leaves them; a document stays."""
        for name in strays(self._witnesses.top / folder, rows):
            try:
                DocumentName.parse(Path(name).name)
            except ValueError:
                path = self._witnesses.top / folder / name
                self._done.set_aside.append(set_aside(path, self._aside / folder / name))
            else:
                self._done.findings += strangers([f"{folder}/{name}"])

    def _write_down(self) -> None:
        years: dict[str, dict[str, dict[str, Entry]]] = defaultdict(dict)
        for folder, rows in self._witnesses.tree.items():
            year, _, month = folder.partition("/")
            if rows:
                years[year][month] = rows
        for year, months in sorted(years.items()):
            place = self._witnesses.top / year
            facts = {"receipts": self._witnesses.last_receipt}
            if rebook(self._vault, place, months, self._aside / year, **facts):
                self._done.rebooked.append(year)
