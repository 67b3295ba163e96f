"""Look-alike hosts, and environments that must not be mixed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edefter.config.checks import environment_findings, lookalike_findings
from edefter.config.hosts import GENUINE_DOMAINS, distance, looks_like
from edefter.config.settings import Settings
from edefter.model.finding import Severity

VERSION = "1.2.3"
APPLICATION = {
    "vendor_tax_number": "1234567808",
    "vendor_title": "Örnek Yazılım Anonim Şirketi",
    "program": "edefter",
    "approved_version": VERSION,
}
LOOPBACK = {
    "gib": {"base_url": "https://127.0.0.1:8443"},
    "portal": {
        "control_url": "https://localhost:8444/api/v1",
        "upload_url": "https://[::1]:4443/files/",
    },
}


@pytest.fixture
def production(tmp_path: Path) -> dict:
    (tmp_path / "kok.pem").write_text("anchor")
    return {
        "environment": "production",
        "application": dict(APPLICATION),
        "trust_anchors": tmp_path,
    }


def rules(raw: dict, severity: Severity | None = None) -> list[tuple[str, str]]:
    found = environment_findings(Settings.model_validate(raw), VERSION)
    return [
        (finding.rule, finding.place.field)
        for finding in found
        if severity is None or finding.severity is severity
    ]


@pytest.mark.parametrize(
    ("host", "genuine"),
    [
        ("edeften.gov.tr", "edefter.gov.tr"),
        ("uyg.edeften.gov.tr", "edefter.gov.tr"),
        ("myedeften.com.tr", "myedefter.com.tr"),
        ("firma.myedeften.com.tr", "myedefter.com.tr"),
        ("firma.myedefter.com", "myedefter.com.tr"),
        ("firma.my-edefter.com.tr", "myedefter.com.tr"),
        ("edefter.gov.tr.ornek.com", "edefter.gov.tr"),
        ("edefter-gov-tr.com", "edefter.gov.tr"),
        ("e-defter.gov.tr", "edefter.gov.tr"),
        ("edetfer.gov.tr", "edefter.gov.tr"),  # swapped letters
        ("edefter.gib.gov.tr.ru", "gib.gov.tr"),
        ("edefter.gibb.gov.tr", "gib.gov.tr"),
        ("edefter.g1b.gov.tr", "gib.gov.tr"),
        ("edefter.com.tr", "edefter.gov.tr"),
        ("xn--edfter-9ra.gov.tr", "edefter.gov.tr"),
        ("еdefter.gov.tr", "edefter.gov.tr"),  # Cyrillic е
        ("edefter.gib.gov.tr", ""),
        ("edeftertest.gib.gov.tr", ""),
        ("uyg.edefter.gov.tr", ""),
        ("firma.myedefter.com.tr", ""),
        ("gib.gov.tr", ""),
        ("localhost", ""),
        ("127.0.0.1", ""),
        ("10.0.0.5", ""),
        ("arsiv.ornek.com.tr", ""),
        ("www.sgk.gov.tr", ""),
        ("edefter.ornek.com.tr", ""),  # a firm's own server may be called so
        ("", ""),
    ],
)
def test_looks_like(host: str, genuine: str) -> None:
    assert looks_like(host) == genuine


@given(
    st.sampled_from([domain for domain in GENUINE_DOMAINS if not domain.startswith("gib")]),
    st.integers(0, 6),
    st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789"),
)
def test_every_single_misspelling_is_seen(domain: str, position: int, letter: str) -> None:
    host = domain[:position] + letter + domain[position + 1 :]
    assert looks_like(host) == ("" if host == domain else domain)


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_distance_is_a_distance(left: str, right: str) -> None:
    assert distance(left, right) == distance(right, left)
    assert (distance(left, right) == 0) == (left == right)
    assert abs(len(left) - len(right)) <= distance(left, right) <= max(len(left), len(right))


@pytest.mark.parametrize("environment", ["production", "test", "sandbox"])
def test_lookalike_findings(environment: str) -> None:
    raw = {
        "environment": environment,
        "gib": {"base_url": "https://uyg.edeften.gov.tr"},
        "portal": {
            "control_url": "https://firma.myedeften.com.tr/api/v1",
            "upload_url": "https://firma.myedefterr.com.tr:4443/files/",
        },
    }
    found = lookalike_findings(Settings.model_validate(raw))
    assert [(item.place.field, item.severity) for item in found] == [
        ("gib.base_url", Severity.WARNING),
        ("portal.control_url", Severity.WARNING),
        ("portal.upload_url", Severity.WARNING),
    ]
    assert "uyg.edeften.gov.tr" in found[0].message_tr
    assert "imzalı defterler" in found[0].message_tr
    assert "signed books" in found[0].message_en
    refused = [key for rule, key in rules(raw) if rule == "CFG-18"]
    known = ["gib.base_url", "portal.control_url"]
    assert refused == (known if environment == "production" else [])


def test_default_addresses_are_genuine() -> None:
    assert lookalike_findings(Settings()) == ()


def test_complete_production_passes(production: dict) -> None:
    assert rules(production) == []


@pytest.mark.parametrize("name", sorted(APPLICATION))
def test_production_needs_the_approval_letter(production: dict, name: str) -> None:
    production["application"][name] = ""
    assert ("CFG-10", f"application.{name}") in rules(production, Severity.ERROR)


@pytest.mark.parametrize(
    ("change", "rule", "key"),
    [
        ({"approved_version": "1.2.2"}, "CFG-12", "application.approved_version"),
        ({"vendor_tax_number": "1234567809"}, "CFG-11", "application.vendor_tax_number"),
        ({"vendor_title": "A##B"}, "CFG-11", "application.vendor_title"),
        ({"program": "edefter "}, "CFG-11", "application.program"),
    ],
)
def test_production_approval_must_fit(production: dict, change: dict, rule: str, key: str) -> None:
    production["application"].update(change)
    assert rules(production) == [(rule, key)]


@pytest.mark.parametrize("host", ["127.0.0.1:8443", "localhost", "[::1]:8443", "127.8.8.8"])
def test_production_refuses_loopback(production: dict, host: str) -> None:
    production["gib"] = {"base_url": f"https://{host}"}
    assert rules(production) == [("CFG-13", "gib.base_url")]


def test_production_refuses_the_test_system(production: dict) -> None:
    production["gib"] = {"base_url": "https://edeftertest.gib.gov.tr"}
    assert rules(production) == [("CFG-14", "gib.base_url")]


def test_production_needs_trust_anchors(production: dict, tmp_path: Path) -> None:
    (tmp_path / "kok.pem").rename(tmp_path / "kok.txt")
    assert rules(production) == [("CFG-15", "trust_anchors")]
    del production["trust_anchors"]
    assert ("CFG-15", "trust_anchors") in rules(production), "certs/production ships empty"


def test_test_environment(production: dict) -> None:
    production |= {"environment": "test", "gib": {"base_url": "https://edeftertest.gib.gov.tr"}}
    production["application"]["approved_version"] = ""
    assert rules(production, Severity.ERROR) == []
    assert rules(production) == [("CFG-10", "application.approved_version")]
    production["gib"] = {}
    assert rules(production, Severity.ERROR) == [("CFG-16", "gib.base_url")]


def test_sandbox_talks_to_this_computer_alone() -> None:
    assert rules({"environment": "sandbox", **LOOPBACK}) == []
    assert rules({"environment": "sandbox"}) == [
        ("CFG-17", "gib.base_url"),
        ("CFG-17", "portal.control_url"),
        ("CFG-17", "portal.upload_url"),
    ]
    off = {**LOOPBACK, "portal": {"enabled": False}}
    assert rules({"environment": "sandbox", **off}) == []


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"clock": {"servers": ["a", "b"]}}, "CFG-03"),
        ({"clock": {"servers": ["a", "A", "a "]}}, "CFG-03"),
        ({"clock": {"warn_s": 30}}, "CFG-04"),
        ({"gib": {"base_url": "http://127.0.0.1"}}, "CFG-02"),
    ],
)
def test_everywhere(change: dict, rule: str) -> None:
    assert [found for found, _ in rules({**LOOPBACK, **change})] == [rule]


def test_address_in_a_finding_shows_no_password() -> None:
    raw = {**LOOPBACK, "gib": {"base_url": "http://kullanici:gizli@127.0.0.1"}}
    (found,) = environment_findings(Settings.model_validate(raw), VERSION)
    assert "gizli" not in found.message_tr + found.value
