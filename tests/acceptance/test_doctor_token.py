"""`edefter doctor` tells a refused credential from a closed port."""

from __future__ import annotations

import pytest

from tests.support.office import Office


def _token(office: Office) -> tuple[int, list[tuple[str, str, str]]]:
    """Exit code, and (step, state, key) of what the doctor says about credentials."""
    answer = office.edefter("doctor", "--json")
    found = [
        (result["step"], result["state"], result["key"])
        for result in answer.json["results"]
        if result["key"].startswith("doctor.token")
    ]
    assert office.world.folder.joinpath("secrets", "api-secret").read_text("ascii").strip() not in (
        answer.out + answer.err
    )
    return answer.code, found


def test_credentials_that_are_accepted(office: Office) -> None:
    code, found = _token(office)
    assert found == [("token", "ok", "doctor.token_ok")]
    assert code == 0


@pytest.mark.parametrize(
    ("knobs", "found"),
    [
        ({"account_locked": True}, ("token", "fail", "doctor.token_refused")),
        ({"token_expired": True}, ("token", "fail", "doctor.token_refused")),
        ({"clock_offset_s": 7200}, ("clock", "fail", "doctor.token_clock")),
        ({"problem": {"slug": "rate-limited"}}, ("token", "warn", "doctor.token_unknown")),
    ],
)
def test_credentials_that_are_not(
    office: Office, knobs: dict[str, object], found: tuple[str, str, str]
) -> None:
    office.world.portal.set_knobs(**knobs)
    code, told = _token(office)
    office.world.portal.set_knobs()
    assert told == [found]
    assert (code == 0) == (found[1] == "warn")


def test_credentials_that_are_wrong_or_missing(office: Office) -> None:
    wrong = office.folder / "wrong"
    wrong.write_text("not the secret", encoding="ascii")
    wrong.chmod(0o600)
    text = office.config.read_text(encoding="utf-8")
    place = str(office.world.folder / "secrets" / "api-secret")
    assert place in text
    office.config.write_text(text.replace(place, str(wrong)), encoding="utf-8")
    assert _token(office) == (2, [("token", "fail", "doctor.token_refused")])
    wrong.unlink()
    assert _token(office) == (2, [("token", "fail", "doctor.token_refused")])
    office.write_config(portal__api_secret=None)
    assert _token(office)[1] == [("token", "warn", "doctor.token_missing")]


def test_nothing_is_asked_of_a_portal_that_does_not_answer(office: Office) -> None:
    office.write_config(portal__control_url="https://127.0.0.1:9/api/v1")
    assert _token(office)[1] == []
