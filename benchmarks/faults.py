"""Every misbehaviour of the simulated GİB and portal, and how a month end may end under it.

Exit codes: 0 closed and archived, 2 set-up, 4 clock, 5 our message was wrong, 6 a person must look,
3 wait (gib-webservice.md §6, portal.md §7). A fault that passes by itself must not stop a month.
`@` stands for the company's tax number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

SEND, STATUS, RECEIVE = "sendDocumentFile", "getBatchStatus", "receiveDocumentFile"
_PERSON, _WAIT, _SETUP, _OURS, _CLOCK = 6, 3, 2, 5, 4
Knobs = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One misbehaviour.

    Args:
        name: for people.
        codes: the exit codes with which a run under it may end.
        gib, portal: knobs.
        settings: changes of the office's settings, dotted by `__`.
        begun: knobs of a run before the one that is judged, `gib` or `portal`; empty = none.
        act: what happens to a simulator between the two: `restart`, `forget` (restart with its
            state lost) or `down`, and to which; empty = nothing.
        heals: whether the month can be closed when the fault is over; a portal that has signed a
            wrong receipt stays caught.
    """

    name: str
    codes: frozenset[int]
    gib: Knobs = field(default_factory=dict)
    portal: Knobs = field(default_factory=dict)
    settings: Knobs = field(default_factory=dict)
    begun: Knobs = field(default_factory=dict)
    act: tuple[str, str] | None = None
    heals: bool = True

    @property
    def denies(self) -> bool:
        """Whether GİB denies what it has taken in."""
        denied = self.gib.get("fault", {}).get(STATUS) == 304
        return denied or "fault_after_accept" in self.gib

    def can_join(self, other: Fault) -> bool:
        """Whether both can act in one run: no knob or setting is asked for twice."""
        mine, others = (
            {("gib", k) for k in f.gib}
            | {("portal", k) for k in f.portal}
            | {("settings", k) for k in f.settings}
            | ({("before", "")} if f.begun or f.act else set())
            for f in (self, other)
        )
        return not mine & others


def _gib(name: str, *codes: int, **knobs: Any) -> Fault:
    return Fault(f"GİB: {name}", frozenset(codes), gib=knobs)


def _portal(name: str, *codes: int, **knobs: Any) -> Fault:
    return Fault(f"portal: {name}", frozenset(codes), portal=knobs)


def _codes() -> Iterator[Fault]:
    """Each code of §6 to each operation that has it, always and (where it may pass) once."""
    always = {
        **dict.fromkeys((101, 102, 201, 202, 301, 302), _SETUP),
        **dict.fromkeys((103, 104, 105, 108), _OURS),
        **dict.fromkeys((106, 109, 205, 305, 107, 114), _PERSON),
        **dict.fromkeys((110, 112, 203, 204, 206, 303), _WAIT),
        **dict.fromkeys((199, 299, 399), _PERSON),  # in no guide
    }
    operations = {1: SEND, 2: RECEIVE, 3: STATUS}
    for code, ending in always.items():
        # A first 107 or 114 is only waited for; a second one needs a person.
        endings = (ending, _WAIT) if code in (107, 114) else (ending,)
        yield _gib(f"{code} always", *endings, fault={operations[code // 100]: code})
    for code in (107, 110, 112, 114, 203, 204, 206, 303):
        yield _gib(f"{code} once", 0, fault={operations[code // 100]: code, "times": 1})
    # Who never gets through to the queue, or cannot find out, waits; it is never sent blindly.
    yield _gib("113, taken in", 0, fault={SEND: 113, "times": 1}, fault_after_accept=True)
    yield _gib("113, not taken in", 0, fault={SEND: 113, "times": 1})
    yield _gib("113 always", _WAIT, fault={SEND: 113})
    yield _gib("111 though nothing is held", 0, fault={SEND: 111, "times": 1})
    yield _gib("111 always", _WAIT, fault={SEND: 111})
    yield _gib("304 once", 0, fault={STATUS: 304, "times": 1})
    # Accepted, then denied: it may have been deleted there, so nothing is sent again by itself.
    yield _gib("304 always", _PERSON, fault={STATUS: 304})
    for style in ("reason", "generic"):
        # Without a code nothing is known about the outcome: GİB is asked, then it is sent again.
        ending = {"reason": _SETUP, "generic": _WAIT}[style]
        yield _gib(f"101 told as {style}", ending, fault={SEND: 101}, fault_style=style)
        yield _gib(
            f"110 told as {style}, taken in",
            *((0,) if style == "reason" else (0, _PERSON)),
            fault={SEND: 110, "times": 1}, fault_style=style, fault_after_accept=True,
        )  # fmt: skip


def _lines() -> Iterator[Fault]:
    """Connections, gateways and pages between us and GİB."""
    for operation in (SEND, STATUS, RECEIVE):
        for place in ("before_read", "after_read", "after_accept"):
            yield _gib(f"cut {place} of {operation}", 0, cut={operation: place, "times": 1})
            taken_in = (operation, place) == (SEND, "after_accept")  # the status tells
            ending = 0 if taken_in else _WAIT
            yield _gib(f"cut {place} of {operation} always", ending, cut={operation: place})
        for status in (500, 502, 503, 429):
            once = {operation: status, "times": 1}
            # A throttled upload is repeated after 5 s, which uses up these short runs.
            endings = (0, _WAIT) if (operation, status) == (SEND, 429) else (0,)
            yield _gib(f"HTTP {status} to {operation} once", *endings, http_status=once)
            yield _gib(f"HTTP {status} to {operation}", _WAIT, http_status={operation: status})
        yield _gib(
            f"503 page with Retry-After to {operation}", 0,
            http_status={operation: 503, "times": 1}, html=True, retry_after_s=1,
        )  # fmt: skip
        yield _gib(
            f"429 with a long Retry-After to {operation}", _WAIT,
            http_status={operation: 429}, retry_after_s=600,
        )  # fmt: skip
        yield _gib(
            f"maintenance page to {operation} once", 0, maintenance={operation: True, "times": 1}
        )
        yield _gib(f"maintenance page to {operation}", _WAIT, maintenance={operation: True})
        yield _gib(f"redirect of {operation}", _SETUP, redirect={operation: "https://127.0.0.1:9/"})
        yield _gib(
            f"slow answers to {operation}", 0,
            slow={operation: {"chunk_bytes": 2000, "pause_s": 0.05}},
        )  # fmt: skip
        # An upload whose answer never ends was taken in; its status tells, if there is time left.
        endings = (0, _WAIT) if operation == SEND else (_WAIT,)
        drip = {operation: {"chunk_bytes": 1, "pause_s": 0.5}}
        yield _gib(f"endless answers to {operation}", *endings, slow=drip)
    yield Fault(
        "GİB: TLS of an unknown authority", frozenset({_WAIT}), settings={"gib__ca_bundle": "other"}
    )


def _contents() -> Iterator[Fault]:
    """What GİB says and gives."""
    yield _gib("refuses for good", _PERSON, reject=True)
    yield _gib("refuses the yevmiye or kebir once", _PERSON, reject={SEND: "Hatalı", "times": 1})
    for wrong in (
        "empty_zip", "garbage", "other_taxpayer", "tampered", "no_countersignature",
        "broken_countersignature",
    ):  # fmt: skip
        yield _gib(f"gives {wrong}", _PERSON, receive=wrong)
    yield _gib("gives bare XML", 0, receive="bare_xml")
    yield _gib("answers as MTOM", 0, mtom=True)
    yield _gib("slow stages", 0, berat_delay_s=0.6, ledger_delay_s=0.6)
    yield _gib("a queue without end", _WAIT, queued_polls=10_000)
    yield _gib("a pending ledger without end", _WAIT, pending_polls=10_000)
    yield _gib("queued and pending a while", 0, queued_polls=2, pending_polls=2)
    yield _gib("approval lags", 0, approval_delay_s=1.0)
    yield _gib("approval never comes", _WAIT, approval_delay_s=3600)
    yield _gib("words that nobody knows", _PERSON, status_text="Paket arandı bulundu")
    yield _gib("words that look like success", _PERSON, status_text="Paket başarılı değildir")
    yield _gib("0 with the pending text", _WAIT, zero_with_pending=True, pending_polls=10_000)
    yield _gib("paketID", 0, paket_id="paketID")
    yield _gib("PaketID only", _WAIT, paket_id="PaketID")
    yield _gib("limit below the package", _PERSON, max_package_bytes=1000)
    yield _gib("takes no EC", 0, accept_ec=False)
    yield _gib("signer unknown", _SETUP, unknown_signers=["@"])
    yield _gib("signer without role", _SETUP, without_role=["@"])
    yield _gib("taxpayer may not upload", _PERSON, _WAIT, suspended=["@"])
    deleted = ["@-202601-YB-000000", "@-202601-KB-000000"]
    fault = _gib("both packages deleted in GİB's application", _PERSON, deleted=deleted)
    yield replace(fault, begun={"gib": {"queued_polls": 10_000}})


def _clocks() -> Iterator[Fault]:
    """Clocks that differ, and tolerance for them."""
    yield _gib("clock 20 s ahead", 0, clock_shift_s=20)
    # Told by the refused message, or before it by the Date of another answer.
    yield _gib("clock 200 s ahead", _SETUP, _CLOCK, clock_shift_s=200)
    yield _gib("clock 200 s behind", _SETUP, _CLOCK, clock_shift_s=-200)
    yield _gib("no tolerance", 0, freshness_s=5, future_s=5)
    yield _portal("clock 20 s ahead", 0, clock_offset_s=20)
    yield _portal("clock 200 s ahead", _CLOCK, clock_offset_s=200)
    yield _portal("clock a day behind", _CLOCK, clock_offset_s=-86_400)


def _uploads() -> Iterator[Fault]:
    """The upload channel of the portal."""
    for persist in ("before", "after"):
        cut = {"after_bytes": 1000, "persist": persist}
        yield _portal(f"cut {persist} keeping", 0, cut={**cut, "times": 2})
        yield _portal(f"cut {persist} keeping always", 0, _WAIT, cut=cut)
    yield _portal("answer lost once", 0, lose_answer={"times": 1})
    yield _portal("answer lost always", 0, lose_answer=True)
    for name, ending in (
        ("checksum_460", _PERSON), ("wrong_offset_409", _WAIT), ("locked_423", _WAIT),
        ("expired_410", _WAIT), ("disk_full_507", _PERSON),
    ):  # fmt: skip
        # A full disk is a person's business at once.
        once = ending if name == "disk_full_507" else 0
        yield _portal(f"{name} once", once, **{name: {"times": 1}})
        yield _portal(f"{name} always", ending, **{name: True})
    yield _portal("file too large", _PERSON, too_large=True)
    yield _portal("uploads live a second", 0, upload_life_s=1)
    yield _portal("slow reading", 0, slow_read_s=0.002)
    yield _portal("reads too slowly", _WAIT, slow_read_s=0.1)
    yield _portal("HEAD forgets bytes that it kept", _WAIT, head_smaller_by=10,
                  cut={"after_bytes": 1000, "persist": "after", "times": 1})  # fmt: skip
    yield _portal("Location of a foreign host", _PERSON, location="https://example.org/files/1")


def _answers() -> Iterator[Fault]:
    """The control channel, TLS and receipts of the portal."""
    for name in ("rate_429", "maintenance_503", "internal_500"):
        yield _portal(f"{name} once", 0, **{name: {"times": 1}})
        yield _portal(f"{name} with Retry-After", 0, **{name: {"times": 1, "retry_after_s": 1}})
        yield _portal(f"{name} on uploads", 0, **{name: {"times": 1, "channel": "upload"}})
        yield _portal(f"{name} always", _WAIT, **{name: True})
        yield _portal(f"{name} for an hour", _WAIT, **{name: {"retry_after_s": 3600}})
    yield _portal("quota exceeded", _PERSON, problem={"slug": "quota-exceeded"})
    yield _portal("not authorised", _SETUP, problem={"slug": "not-authorised"})
    yield _portal("HTML page once", 0, html_error={"status": 502, "times": 1})
    yield _portal("HTML page always", _WAIT, html_error={"status": 502})
    yield _portal("HTML page that forbids", _SETUP, html_error={"status": 403})
    for wrong in ("wrong-hash", "seq-gap", "fork", "bad-signature", "unknown-key"):
        fault = _portal(f"receipt: {wrong}", _PERSON, receipt=wrong)
        yield replace(fault, heals=False)
    yield _portal("verifies a second", 0, verifying_s=1)
    yield _portal("verifies long", _WAIT, verifying_s=9)
    yield _portal("whole differs once", 0, whole_mismatch={"times": 1})
    yield _portal("whole differs always", _PERSON, whole_mismatch=True)
    yield _portal("other content held", _PERSON, different_content=True)
    for wrong in ("expired", "wrong-host", "unknown-ca"):
        yield _portal(f"certificate {wrong}", _WAIT, certificate=wrong)
    yield _portal("TLS 1.1", _WAIT, tls="1.1")
    for layer in ("tls", "http"):
        yield _portal(f"client certificate refused ({layer})", _SETUP,
                      refuse_client_certificate=layer)  # fmt: skip
    yield _portal("short tokens", 0, token_life_s=1)
    yield _portal("token expired once", 0, token_expired={"times": 1})
    yield _portal("tokens always expired", _SETUP, token_expired=True)
    yield _portal("account locked", _SETUP, account_locked=True)
    yield _portal("firm suspended", _SETUP, firm_suspended=True)
    yield _portal("firm owned elsewhere", _SETUP, firm_owned_elsewhere=True)
    # Of lists, downloads and re-verification a month end makes no use: they must not disturb it.
    yield _portal("lists omit rows", 0, list="omit")
    yield _portal("verification differs", 0, verify_differs=True)
    yield _portal("downloads flip bits", 0, download="flip")


def _outages() -> Iterator[Fault]:
    """Simulators that go down, come back, or come back empty, in the middle of a month."""
    waiting: Knobs = {"gib": {"queued_polls": 10_000}}
    half_uploaded: Knobs = {"portal": {"internal_500": {"skip": 14}}}
    for name, begun, act, ending, heals in (
        ("GİB restarts", waiting, ("restart", "gib"), 0, True),
        ("GİB down", {}, ("down", "gib"), _WAIT, True),
        ("portal restarts", half_uploaded, ("restart", "portal"), 0, True),
        ("portal down", half_uploaded, ("down", "portal"), _WAIT, True),
        # Receipts that we hold do not fit to those of a chain that begins anew.
        ("portal lost its state", half_uploaded, ("forget", "portal"), _PERSON, False),
    ):
        yield Fault(name, frozenset({ending}), begun=begun, act=act, heals=heals)


def every_fault() -> list[Fault]:
    """All of them, in a fixed order."""
    return [
        *_codes(), *_lines(), *_contents(), *_clocks(), *_uploads(), *_answers(),
        *_outages(),
    ]  # fmt: skip
