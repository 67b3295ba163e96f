"""The guard around the policy: what is served again, what is measured anew, what is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edefter import messages
from edefter.clock.guard import ClockGuard, distinct_servers
from edefter.clock.https_date import ServerDate
from edefter.clock.port import Measurement, TimeAnswer
from edefter.clock.refusal import warning_facts
from edefter.clock.zone import zone_offset_s
from edefter.config.settings import ClockSettings
from edefter.errors import ClockRefused, ConfigError, ExitCode

SERVERS = ("saat1.example", "saat2.example:1123", "saat3.example")
NOON = datetime(2026, 2, 3, 9, 0, 0, tzinfo=UTC)  # 12:00:00 in Turkey


class World:
    """Clocks that move only when told, and servers that answer as told."""

    def __init__(self) -> None:
        self.wall_now = NOON
        self.monotonic_now = 1000.0
        self.offsets: dict[str, float | str] = dict.fromkeys(SERVERS, 0.0)
        self.asked: list[str] = []

    def wall(self) -> datetime:
        return self.wall_now

    def monotonic(self) -> float:
        return self.monotonic_now

    def ask(self, server: str, timeout_s: float) -> TimeAnswer:
        self.asked.append(server)
        told = self.offsets[server]
        if isinstance(told, str):
            return TimeAnswer(server=server, problem=told)
        return TimeAnswer(server=server, offset_s=told, stratum=2, round_trip_s=0.02)

    def all_say(self, told: float | str) -> None:
        self.offsets = dict.fromkeys(SERVERS, told)

    def passes(self, seconds: float) -> None:
        self.monotonic_now += seconds
        self.wall_now += timedelta(seconds=seconds)

    def guard(self, mode: str = "strict", **more) -> ClockGuard:
        settings = ClockSettings(servers=SERVERS, mode=mode)
        return ClockGuard(settings, self, wall=self.wall, monotonic=self.monotonic, **more)


@pytest.fixture
def world() -> World:
    return World()


def test_every_server_is_asked_and_evidence_is_kept(world: World) -> None:
    kept: list[tuple[str, Measurement]] = []
    guard = world.guard(on_measurement=lambda *pair: kept.append(pair))
    found = guard.require("sign 2026-01 Y")
    assert sorted(world.asked) == sorted(SERVERS)
    assert found.verdict == "ok"
    assert [answer.server for answer in found.answers] == list(SERVERS)
    assert kept == [("sign 2026-01 Y", found)]
    assert found.as_evidence()["measured_at"] == "2026-02-03T09:00:00+00:00"


def test_a_measurement_serves_sixty_seconds(world: World) -> None:
    guard = world.guard()
    first = guard.require("a")
    world.passes(60)
    assert guard.require("b") == first
    assert len(world.asked) == 3
    world.passes(0.5)
    guard.require("c")
    assert len(world.asked) == 6


@pytest.mark.parametrize(("step_s", "asked"), [(1.0, 3), (1.1, 6), (-1.1, 6), (3600, 6)])
def test_a_stepped_clock_is_measured_anew(world: World, step_s: float, asked: int) -> None:
    guard = world.guard()
    guard.require("a")
    world.passes(5)
    world.wall_now += timedelta(seconds=step_s)
    guard.require("b")
    assert len(world.asked) == asked


def test_a_repaired_clock_passes_at_once(world: World) -> None:
    guard = world.guard()
    world.all_say(45.0)
    with pytest.raises(ClockRefused):
        guard.require("a")
    world.all_say(0.0)
    assert guard.require("a").verdict == "ok"


def test_refusal_says_times_difference_and_repair_in_turkish(world: World) -> None:
    kept: list[Measurement] = []
    guard = world.guard(on_measurement=lambda purpose, found: kept.append(found))
    guard.note_server_date("gib", "edefter.gib.gov.tr", NOON + timedelta(seconds=44), 0.2)
    world.all_say(45.0)
    with pytest.raises(ClockRefused) as caught:
        guard.require("sign")
    error = caught.value
    assert error.exit_code is ExitCode.REFUSED
    text = error.text("tr")
    assert "İnternet saati: 03.02.2026 12:00:45" in text
    assert "bilgisayar saati: 03.02.2026 12:00:00" in text
    assert "gib (edefter.gib.gov.tr): 03.02.2026 12:00:44" in text
    assert "-45.0 saniye" in text
    for word in ("İnternet saati", "w32tm /resync", "chronyc", "timedatectl"):
        assert word in error.remedy("tr")
    assert "Windows" in error.remedy("en")
    assert "?" not in text + error.text("en")
    assert [found.verdict for found in kept] == ["refused"]


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ("name", "çözülemedi"),
        ("no_answer", "yanıt yok"),
        ("unreachable", "erişilemiyor"),
        ("packet", "geçersiz"),
        ("origin", "bizim sorumuza"),
        ("address", "yanlış yazılmış"),
    ],
)
def test_no_answer_names_each_server_and_its_problem(world: World, told: str, word: str) -> None:
    world.all_say(told)
    with pytest.raises(ClockRefused) as caught:
        world.guard().require("sign")
    assert caught.value.key == "clock.refused_no_answer"
    for server in SERVERS:
        assert server in caught.value.text("tr")
    assert word in caught.value.text("tr")


def test_quality_problems_do_not_vote(world: World) -> None:
    class Unsynchronised(World):
        def ask(self, server: str, timeout_s: float) -> TimeAnswer:
            return TimeAnswer(server=server, stratum=16)

    with pytest.raises(ClockRefused) as caught:
        Unsynchronised().guard().require("sign")
    assert "stratum" in caught.value.text("en")


def test_server_date_is_a_cross_check_within_its_resolution(world: World) -> None:
    guard = world.guard()
    guard.note_server_date("portal", "firma.myedefter.com.tr", NOON, 0.4)
    (check,) = guard.require("a").cross_checks
    # cut second → +0.5 s on the average, half of the way → +0.2 s
    assert check.offset_s == pytest.approx(0.7)
    assert check.resolution_s == pytest.approx(1.2)
    assert check.source == "portal (firma.myedefter.com.tr)"


def test_newer_server_date_overrules_a_served_measurement(world: World) -> None:
    guard = world.guard()
    guard.require("a")
    world.passes(5)
    guard.note_server_date("gib", "edefter.gib.gov.tr", world.wall_now - timedelta(seconds=50), 0)
    with pytest.raises(ClockRefused) as caught:
        guard.require("b")
    assert caught.value.key == "clock.refused_cross_check"
    assert "edefter.gib.gov.tr" in caught.value.text("tr")
    assert len(world.asked) == 6


def test_a_stale_or_stepped_server_date_is_forgotten(world: World) -> None:
    guard = world.guard()
    guard.note_server_date("gib", "h", NOON - timedelta(seconds=50), 0)
    world.wall_now -= timedelta(seconds=50)  # the operator corrected the clock
    assert guard.require("a").cross_checks == ()
    guard.note_server_date("gib", "h", world.wall_now, 0)
    world.passes(601)
    assert guard.require("b").cross_checks == ()


def test_server_date_without_zone_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="zone"):
        world.guard().note_server_date("gib", "h", NOON.replace(tzinfo=None), 0)


@pytest.mark.parametrize(
    ("off_s", "verdict"), [(0, "ok"), (3.0, "ok"), (10, "warn"), (31.5, "refused")]
)
def test_database_clock(world: World, off_s: float, verdict: str) -> None:
    kept: list[Measurement] = []
    guard = world.guard(
        database_clock=lambda: world.wall_now + timedelta(seconds=off_s),
        on_measurement=lambda purpose, found: kept.append(found),
    )
    if verdict == "refused":
        with pytest.raises(ClockRefused) as caught:
            guard.require("a")
        assert "database" in caught.value.text("en")
    else:
        guard.require("a")
    assert kept[0].verdict == verdict
    assert kept[0].cross_checks[0].offset_s == off_s


def test_unknown_database_clock_is_no_cross_check(world: World) -> None:
    assert world.guard(database_clock=lambda: None).require("a").cross_checks == ()


def test_lenient_asks_the_servers_for_their_date(world: World) -> None:
    world.all_say("no_answer")
    asked: list[int] = []

    def probe() -> ServerDate:
        asked.append(1)
        return ServerDate(source="gib", host="h", date=world.wall_now, round_trip_s=0.1)

    guard = world.guard("lenient", date_probes=(lambda: None, probe))
    found = guard.require("a")
    assert (found.verdict, found.reason, found.offset_s) == ("lenient", "clock.lenient", None)
    world.passes(70)
    guard.require("b")
    assert len(asked) == 1, "the date seen 70 s ago still serves"


def test_lenient_does_not_probe_when_ntp_answers(world: World) -> None:
    def probe() -> ServerDate | None:
        raise AssertionError("no question is needed")

    assert world.guard("lenient", date_probes=(probe,)).require("a").verdict == "ok"


def test_lenient_without_any_date_refuses(world: World) -> None:
    world.all_say("no_answer")
    with pytest.raises(ClockRefused) as caught:
        world.guard("lenient").require("a")
    assert caught.value.key == "clock.refused_no_cross_check"


def test_warning_text_has_all_its_facts(world: World) -> None:
    world.all_say(10.0)
    guard = world.guard()
    found = guard.require("a")
    facts = warning_facts(found, ClockSettings(servers=SERVERS))
    assert messages.text(found.reason, "tr", **facts).count("-10.0 saniye") == 1


def test_wrong_zone_refuses(world: World) -> None:
    with pytest.raises(ClockRefused) as caught:
        world.guard(zone_offset_s=lambda: 7200.0).require("a")
    assert "+2 saat" in caught.value.text("tr")
    assert "tzdata" in caught.value.remedy("tr")


def test_tz_database_of_this_machine_is_right() -> None:
    assert zone_offset_s() == 10_800.0
    # 2015 still had winter time: the function reads the database, it does not assume
    assert zone_offset_s(datetime(2015, 1, 15, tzinfo=UTC)) == 7_200.0


def test_missing_zone_is_not_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edefter.clock.zone.ZONE", "Europe/Yok")
    assert zone_offset_s() != zone_offset_s()


def test_one_server_named_thrice_is_one_voice() -> None:
    assert distinct_servers(("a.example", "A.example.", "a.example:123", "b")) == ("a.example", "b")
    with pytest.raises(ConfigError) as caught:
        ClockGuard(ClockSettings(servers=("a", "a", "b")), World())
    assert "2" in caught.value.text("tr")


def test_a_hanging_server_counts_as_silent(world: World, tmp_path: Path) -> None:
    import threading

    release = threading.Event()

    class OneHangs(World):
        def ask(self, server: str, timeout_s: float) -> TimeAnswer:
            if server == SERVERS[0]:
                release.wait(30)
            return super().ask(server, timeout_s)

    settings = ClockSettings(servers=SERVERS, timeout_s=0.05)
    try:
        found = ClockGuard(settings, OneHangs()).require("a")
    finally:
        release.set()
    assert found.verdict == "ok"
    assert found.answers[0].problem == "no_answer"
