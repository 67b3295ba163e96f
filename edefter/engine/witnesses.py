"""Everybody who knows what a company's archive must hold: its own books, state, portal.

The archive disk alone is never believed: it is what ransomware and a wrong command meet. Its
journal and manifests, the state database, and the portal's signed receipts with the bundles each
say what must be there; where they disagree nothing is decided, a person must look.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import BinaryIO

from edefter import resources
from edefter.archive import manifest
from edefter.archive.bundle import KIND
from edefter.archive.catalogue import Copy, catalogue
from edefter.archive.errors import ContractViolation, PortalRefused, PortalSetupRefused
from edefter.archive.findings import lost, strangers, witnesses_differ
from edefter.archive.manifest import STYLESHEETS, Entry
from edefter.archive.mending import known_months
from edefter.archive.places.open import SecondPlace
from edefter.archive.places.port import Stored, parts_of
from edefter.archive.proof import is_whole
from edefter.archive.rebuild import Tree, rebuild
from edefter.archive.unbundle import Bundle, read_bundle
from edefter.archive.vault import Vault, Writer, copy_hashed
from edefter.atomic import sha256_file
from edefter.engine.archiving import archive_kind, roles_of
from edefter.engine.job import Job
from edefter.engine.uploading import uploads_of
from edefter.model.documents import DocumentName, Kind
from edefter.model.finding import Finding
from edefter.model.period import Period
from edefter.state.records import Document
from edefter.state.states import State


class Witnesses:
    """What they say of one company, and who can give a content.

    Args:
        job: any month of the company.
        vault: the tree.
        alone: whether only the portal (or the second place) is asked, as if nothing else were left.
        place: a second place to be asked instead of the portal.

    Attributes:
        tree: rows that must be there.
        listed: what is wrong with the portal's list and chain (`ARC-20`, `ARC-40`).
        findings: what the witnesses disagree about, or that nobody can read.
        last_receipt: number of the firm's last receipt at the portal; 0 = none.

    Raises:
        PortalUnreachable, PortalWaiting, PortalSetupRefused: the portal cannot be asked.
        ContractViolation: it broke its contract.
        OSError: a file cannot be read.
    """

    def __init__(
        self, job: Job, vault: Vault, *, alone: bool = False, place: SecondPlace | None = None
    ) -> None:
        self._job, self._vault = job, vault
        self._alone, self._second = alone, place
        self.top = vault.root / job.company.tax_id.number
        self._cache = job.services.data_dir / "restore" / job.company.code
        self.tree: Tree = defaultdict(dict)
        self.listed: list[Finding] = []
        self.findings: list[Finding] = []
        self.last_receipt = 0
        self._copies: dict[str, Copy] = {}
        self._bundles: dict[str, Bundle] = {}
        self._receipts: dict[str, bytes] = {}
        self._work: dict[str, Path] = {}
        self._there: dict[str, str] = {}
        if not alone:
            for folder, rows in self._own_books():
                self.tree[folder].update(rows)
            for folder, rows in self._state():
                self._add(folder, rows)
        if place is not None:
            for folder, rows in self._second_place(place):
                self._add(folder, rows)
        elif job.settings.portal.enabled:
            for folder, rows in self._portal().items():
                self._add(folder, rows)

        for name in disposed_years(job):
            # What was deleted by order is wanted by nobody, though the portal may keep it longer.
            for folder in [folder for folder in self.tree if folder.startswith(f"{name}/")]:
                del self.tree[folder]

    def close(self) -> None:
        """Throw away what was fetched for the asking."""
        shutil.rmtree(self._cache, ignore_errors=True)

    def sources(self, row: Entry) -> Iterator[tuple[str, Writer]]:
        """Who has a content, the nearest first.

        Args:
            row: what is wanted.

        Yields:
            Name of the origin (`work`, `state`, `bundle`, `shipped`, `portal`, or the second
            place's), and who writes it.
        """
        work = self._work.get(row.sha256)
        if work is not None and is_whole(work, row):
            yield "work", partial(copy_hashed, work)
        receipt = self._receipts.get(row.sha256)
        if receipt is not None:
            yield "portal" if self._alone else "state", partial(_write, receipt)
        copy = self._copies.get(row.sha256)
        if copy is not None and copy.archive_id in self._bundles:
            yield "portal", partial(copy_hashed, self._bundles[copy.archive_id].path)
            return
        for bundle in self._bundles.values():
            for name, sha256 in bundle.members.items():
                if sha256 == row.sha256:
                    yield "bundle", partial(bundle.copy, name)
        shipped = resources.schemas_dir() / "xslt" / row.name
        if row.name in STYLESHEETS and is_whole(shipped, row):
            yield "shipped", partial(copy_hashed, shipped)
        if copy is not None:
            yield "portal", partial(self._download, copy)
        if self._second is not None and row.sha256 in self._there:
            yield self._second.name, partial(self._fetch, self._second, self._there[row.sha256])

    # -- who knows what ----------------------------------------------------------------------

    def _own_books(self) -> Iterator[tuple[str, dict[str, Entry]]]:
        for year in sorted(self.top.iterdir()) if self.top.is_dir() else ():
            if not year.is_dir():
                continue
            for month in sorted(known_months(self._vault, year)):
                rows = self._vault.rows(year / month)
                if rows:
                    yield f"{year.name}/{month}", rows

    def _state(self) -> Iterator[tuple[str, dict[str, Entry]]]:
        for document in self._job.store.documents(self._job.company.code, kinds=tuple(Kind)):
            self._hear_of_receipts(document)
            rows: dict[str, Entry] = {}
            files = self._job.store.files(document.id)
            for role in (role for role in roles_of(document.kind) if role in files):
                record = files[role]
                self._work[record.sha256] = record.stored.path
                if document.state is State.ARCHIVED and not document.adopted:
                    name = record.stored.name
                    rows[name.xml] = Entry(
                        name=name.xml, role=archive_kind(name), size_bytes=record.size_bytes,
                        sha256=record.sha256,
                    )  # fmt: skip
            yield self._folder(date.fromisoformat(document.first_day)), rows

    def _hear_of_receipts(self, document: Document) -> None:
        for role in uploads_of(document.kind):
            upload = self._job.store.upload(document.id, role)
            if upload is not None and upload.receipt:
                raw = upload.receipt.encode()
                self._receipts[hashlib.sha256(raw).hexdigest()] = raw

    def _second_place(self, place: SecondPlace) -> Iterator[tuple[str, dict[str, Entry]]]:
        """By the newest manifest of each month that lies there."""
        number = self._job.company.tax_id.number
        newest: dict[str, Stored] = {}
        for stored in place.stored(number):
            parts = parts_of(stored.path, number)
            if parts is None:
                continue
            name, sha256 = parts
            self._there[sha256] = stored.path
            folder, _, base = name.rpartition("/")
            if base == manifest.FILE_NAME and folder.count("/") == 1:
                known = newest.get(folder)
                if known is None or known.written_at <= stored.written_at:
                    newest[folder] = stored
        for folder, stored in sorted(newest.items()):
            path = self._cache / "manifest"
            path.parent.mkdir(parents=True, exist_ok=True)
            place.read(stored.path, path)
            try:
                rows = manifest.parse(path.read_bytes())
            except ValueError:
                self.findings += lost([stored.path])
                continue
            yield folder, rows

    def _portal(self) -> Tree:
        try:
            copies, self.listed = catalogue(self._job.portal)
        except PortalSetupRefused as error:
            known = self._alone or self._receipts  # or nobody here could know it
            if error.facts.get("slug") != "firm-unknown" or known:
                raise
            return {}  # never registered: nothing was ever sent there
        self.last_receipt = max((copy.receipt.seq for copy in copies), default=0)
        for copy in copies:
            self._copies.setdefault(copy.sha256, copy)
            if copy.kind == KIND:
                self._read_bundle(copy)
        found = rebuild(copies, self._bundles, self._place, self._vault.settings.cancelled_folder)
        self._receipts.update(found.receipts)
        self.findings += strangers(found.strange)
        self.findings += witnesses_differ(found.disagreeing)
        return found.tree

    @cached_property
    def _bundles_here(self) -> dict[str, list[Path]]:
        """Bundles in the tree by their names; cancelled ones bear those of later ones."""
        found: dict[str, list[Path]] = defaultdict(list)
        for path in self.top.rglob(f"*-{KIND}-*.zip"):
            if path.is_file():
                found[path.name].append(path)
        return found

    def _read_bundle(self, copy: Copy) -> None:
        try:
            self._bundles[copy.archive_id] = read_bundle(self._bundle_file(copy))
        except (ContractViolation, PortalRefused):
            self.findings += lost([copy.file_name])

    def _bundle_file(self, copy: Copy) -> Path:
        """The tree's own copy where it is whole, else one fetched from the portal."""
        for path in self._bundles_here.get(copy.file_name, ()):
            if sha256_file(path) == copy.sha256:
                return path
        path = self._cache / copy.sha256 / copy.file_name
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._job.portal.download(copy.archive_id, path, copy.sha256)
        return path

    def _add(self, folder: str, rows: Mapping[str, Entry]) -> None:
        for name, row in rows.items():
            known = self.tree[folder].setdefault(name, row)
            # A receipt may be signed anew each time it is asked for; what it says is checked.
            if known.sha256 != row.sha256 and row.sha256 not in self._receipts:
                self.findings += witnesses_differ([f"{folder}/{name}"])

    # -- small things ------------------------------------------------------------------------

    def _place(self, name: DocumentName) -> str:
        return self._folder(name.period.first_day)

    def _folder(self, first_day: date) -> str:
        company = self._job.company
        folder = self._vault.folder(
            company.tax_id.number, company.fiscal_year(first_day), Period.of(first_day)
        )
        return folder.relative_to(self.top).as_posix()

    def _download(self, copy: Copy, sink: BinaryIO) -> str:
        path = self._cache / copy.sha256 / "content"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._job.portal.download(copy.archive_id, path, copy.sha256)
        return _hashed(path, sink)

    def _fetch(self, place: SecondPlace, path: str, sink: BinaryIO) -> str:
        file = self._cache / "content"
        file.parent.mkdir(parents=True, exist_ok=True)
        place.read(path, file)
        return _hashed(file, sink)


def disposed_years(job: Job) -> set[str]:
    """Names of the folders of fiscal years that were ordered to be deleted."""
    company = job.company
    return {
        job.vault.year_name(company.fiscal_year(date.fromisoformat(order.year_start)))
        for order in job.store.disposals(company.code)
    }


def _hashed(path: Path, sink: BinaryIO) -> str:
    try:
        return copy_hashed(path, sink)
    finally:
        path.unlink(missing_ok=True)


def _write(data: bytes, sink: BinaryIO) -> str:
    sink.write(data)
    return hashlib.sha256(data).hexdigest()
