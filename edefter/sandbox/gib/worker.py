"""The queue behind the service: one package at a time, in order of arrival."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from datetime import datetime

from edefter.model.documents import DocumentName
from edefter.sandbox.gib.content import Outcome, process
from edefter.sandbox.gib.countersign import CounterSeal, countersign
from edefter.sandbox.gib.knobs import Knobs
from edefter.sandbox.gib.store import Row, Store
from edefter.sandbox.gib.trust import Trust


class Worker:
    """Processes queued packages in a thread; those of an earlier run come first.

    Args:
        store: of packages.
        trust: accepted signers.
        seal: GİB's own.
        knobs: for `reject`.
        clock: GİB's time.
        consents: per taxpayer, who else may sign.
    """

    def __init__(
        self,
        store: Store,
        trust: Trust,
        seal: CounterSeal,
        knobs: Knobs,
        clock: Callable[[], datetime],
        consents: Callable[[], dict[str, list[str]]],
    ) -> None:
        self._store = store
        self._trust = trust
        self._seal = seal
        self._knobs = knobs
        self._clock = clock
        self._consents = consents
        self._wake = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def wake(self) -> None:
        """Tell it that a package came in."""
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.clear()
            for row in self._store.queued():
                try:
                    self._process(row)
                except Exception:  # a defect must show as a rejected package, not as silence
                    traceback.print_exc(file=sys.stderr)
                    self._store.finish(row, "berat", "Sistem hatası", b"")
            self._wake.wait()

    def _process(self, row: Row) -> None:
        name = DocumentName.parse(row.package_id)
        reject = self._knobs.now().act("reject", "sendDocumentFile")
        if reject:
            outcome = Outcome("berat", reject if isinstance(reject, str) else "Geçersiz imza")
        elif self._store.beside(row):
            outcome = Outcome("berat", "Ay için 000000 ve 000001 parçaları birlikte gönderilemez")
        else:
            outcome = process(
                self._store.package_path(row), name, self._trust, self._clock(), self._consents()
            )
        approved = b""
        if not outcome.error:
            # A defter raporu is taken, but not countersigned (§4).
            approved = (
                countersign(outcome.berat, self._seal, self._clock())
                if name.kind.is_berat
                else outcome.berat
            )
        self._store.finish(row, outcome.stage, outcome.error, approved)
