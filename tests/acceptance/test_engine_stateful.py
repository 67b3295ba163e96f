"""Engine and simulated GİB under random commands, held against a small model (hypothesis).

The model knows what a bookkeeper knows: which packages GİB has taken in, refused or approved (read
from GİB's own database), and whether the books balance. After every command it is asked whether
what the engine did and says can be; in the end all disturbances cease, and the month must close.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from edefter.errors import ExitCode
from tests.support.forked import forked, preload, register
from tests.support.office import Office
from tests.support.outside import (
    claimed_but_not_done,
    document_states,
    packages_at_gib,
    sent_twice,
)

PERIOD = "2026-01"
DISTURBANCES: dict[str, dict[str, object]] = {
    "none": {},
    "slow queue": {"queued_polls": 4},
    "ledger pending": {"pending_polls": 3},
    "one refused": {"reject": {"sendDocumentFile": "Berat hatalı", "times": 1}},
    "110 once": {"fault": {"sendDocumentFile": 110, "times": 1}},
    "113 and taken in": {
        "fault": {"sendDocumentFile": 113, "times": 1},
        "fault_after_accept": True,
    },
    "cut before it was read": {"cut": {"sendDocumentFile": "before_read", "times": 1}},
    "cut after it was read": {"cut": {"sendDocumentFile": "after_read", "times": 1}},
    "cut after it was taken in": {"cut": {"sendDocumentFile": "after_accept", "times": 1}},
    "303 for a while": {"fault": {"getBatchStatus": 303, "times": 2}},
    "503 once": {"http_status": {"*": 503, "times": 1}},
    "zero with pending": {"zero_with_pending": True, "pending_polls": 2},
    "approval lags": {"approval_delay_s": 1.0},
    "words that nobody knows": {"status_text": "Paket arandı bulundu"},
    "maintenance page": {"maintenance": {"getBatchStatus": True, "times": 2}},
}
ALLOWED = {ExitCode.OK, ExitCode.FINDINGS, ExitCode.WAITING, ExitCode.OPERATOR}
"""Nothing here makes the set-up, the clock or the seal wrong, so no other exit code may come."""


def _dying_at(number: int) -> Callable[[str], None]:
    left = number

    def reached(_point: str) -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


class MonthEnd(RuleBasedStateMachine):
    make_office: Callable[[], Office]

    @initialize()
    def begin(self) -> None:
        self.office = type(self).make_office()
        self.office.write_config(gib__poll_limit_s=2.0, gib__not_found_wait_s=0.3)
        register(self.office)
        self.office.world.gib.set_knobs()
        self.balanced = True
        self.closed = False

    # -- commands ----------------------------------------------------------------------------
    @rule(name=st.sampled_from(sorted(DISTURBANCES)))
    def disturb(self, name: str) -> None:
        self.office.world.gib.set_knobs(**DISTURBANCES[name])

    @rule(goal=st.sampled_from(["build", "sign", "submit", "run", "run", "run"]))
    def run_to(self, goal: str) -> None:
        self._check(forked(self.office, goal, PERIOD), goal)

    @rule(number=st.integers(1, 140))
    def killed(self, number: int) -> None:
        code = forked(self.office, "run", PERIOD, reached=_dying_at(number))
        if code != -signal.SIGKILL:
            self._check(code, "run")

    @precondition(lambda self: not self._at_gib())
    @rule()
    def spoil_or_mend_the_books(self) -> None:
        amount = 1 if self.balanced else -1
        self.office.sql(
            "UPDATE voucher_lines SET debit_kurus = debit_kurus + ? WHERE id ="
            " (SELECT min(id) FROM voucher_lines WHERE debit_kurus > 0)", amount
        )  # fmt: skip
        self.balanced = not self.balanced

    @rule()
    def build_again(self) -> None:
        code = forked(self.office, "build", PERIOD, "--again", "--reason", "deneme")
        assert code in {*map(int, ALLOWED)}, code

    @precondition(lambda self: not self._at_gib())
    @rule(number=st.integers(0, 30))
    def lose_a_work_file(self, number: int) -> None:
        work = sorted(p for p in (self.office.folder / "data" / "work").rglob("*-00000*.*"))
        if work:
            work[number % len(work)].unlink()

    # -- the model ---------------------------------------------------------------------------
    def _at_gib(self) -> bool:
        return bool(packages_at_gib(self.office))

    def _check(self, code: int, goal: str) -> None:
        assert code in {*map(int, ALLOWED)}, f"{goal} ended with {code}"
        if not self.balanced and not self._at_gib():
            assert code == ExitCode.FINDINGS, "books that do not balance went through"
        if goal == "run" and code == ExitCode.OK:
            self.closed = True

    @invariant()
    def nothing_was_sent_twice(self) -> None:
        assert not sent_twice(self.office)

    @invariant()
    def only_what_gib_approved_is_approved(self) -> None:
        assert not claimed_but_not_done(self.office)

    @invariant()
    def what_closed_stays_closed(self) -> None:
        if self.closed:
            assert set(document_states(self.office).values()) == {"archived"}

    def teardown(self) -> None:
        """All disturbances cease: a bookkeeper mends the books and does as the remedies say."""
        if not hasattr(self, "office"):
            return
        self.office.world.gib.set_knobs()
        if not self.balanced:
            self.spoil_or_mend_the_books()
        for _ in range(6):
            code = forked(self.office, "run", PERIOD)
            if code == ExitCode.OK:
                break
            if code == ExitCode.OPERATOR:
                forked(self.office, "build", PERIOD, "--again", "--reason", "deneme")
        states = document_states(self.office)
        assert code == ExitCode.OK, f"the month does not close: {code}, {states}"
        self.closed = True
        self.nothing_was_sent_twice()
        self.only_what_gib_approved_is_approved()
        self.what_closed_stays_closed()
        assert not self.office.half_written()
        assert forked(self.office, "audit", "verify") == 0
        assert forked(self.office, "archive", "verify") == 0


def test_random_commands_never_lose_a_month(make_office: Callable[..., Office]) -> None:
    class Here(MonthEnd):
        pass

    preload()
    Here.make_office = staticmethod(make_office)  # type: ignore[assignment,method-assign]
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=int(os.environ.get("EDEFTER_STATEFUL_EXAMPLES", "12")),
            stateful_step_count=8,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize="EDEFTER_STATEFUL_EXAMPLES" not in os.environ,
        ),
    )
