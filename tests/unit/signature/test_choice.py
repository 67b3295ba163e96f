"""Which of several certificates signs, and why the others do not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from edefter.errors import SealRefused
from edefter.model.environment import Environment
from edefter.sandbox.pki import SandboxPki
from edefter.signature.choice import choose
from edefter.signature.port import Candidate
from tests.support.signed_documents import NOW, VKN

SIGNER = "12345678950"


class Card:
    """Certificates by what is wrong with them."""

    def __init__(self, pki: SandboxPki) -> None:
        def candidate(
            name: str, number: str = VKN, *, has_key: bool = True, **options
        ) -> Candidate:
            seal = pki.issue_seal(number, "Şirket", label=f"secim-{name}", **options)
            return Candidate(seal.certificate, name, has_key, (pki.seal_ca,))

        def ago(days: int) -> timedelta:
            return NOW - timedelta(days=days)

        self.good = candidate("good", not_before=ago(100))
        self.newer = candidate("newer", not_before=ago(50), key="ec")
        self.signer = candidate("signer", SIGNER, not_before=ago(100))
        self.no_key = candidate("no_key", has_key=False)
        self.twin = candidate("twin", encryption=True)
        self.ended = candidate("ended", not_before=ago(9), not_after=ago(1))
        self.future = candidate("future", not_before=ago(-9), not_after=ago(-99))
        self.other = candidate("other", "9999999999")


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Card:
    return Card(SandboxPki(tmp_path_factory.mktemp("card")))


def chosen(*candidates: Candidate, numbers: tuple[str, ...] = (VKN,), **changes):
    given = {"now": NOW, "environment": Environment.SANDBOX, **changes}
    return choose(candidates, tax_numbers=numbers, **given)


def test_the_fitting_one(card: Card) -> None:
    found = chosen(card.twin, card.ended, card.good, card.no_key, card.other)
    assert found.candidate is card.good and found.fitness.warnings == ()


def test_of_several_the_newest_with_a_warning(card: Card) -> None:
    for order in ((card.good, card.newer), (card.newer, card.good)):
        found = chosen(*order)
        assert found.candidate is card.newer
        (warning,) = found.fitness.warnings
        assert (warning.key, warning.facts["count"]) == ("signature.seal_several_fit", 2)


def test_an_authorised_signer_when_the_company_names_one(card: Card) -> None:
    assert chosen(card.signer, card.twin, numbers=(VKN, SIGNER)).candidate is card.signer
    with pytest.raises(SealRefused) as caught:
        chosen(card.signer)
    assert caught.value.key == "signature.seal_other_owner"


def test_each_has_the_rule_that_excludes_it(card: Card) -> None:
    candidates = (card.twin, card.no_key, card.ended, card.future, card.other)
    rules = (
        "signature.seal_not_for_signing", "signature.seal_key_missing", "signature.seal_expired",
        "signature.seal_not_yet_valid", "signature.seal_other_owner",
    )  # fmt: skip
    for candidate, rule in zip(candidates, rules, strict=True):
        with pytest.raises(SealRefused) as caught:
            chosen(candidate)
        assert caught.value.key == rule
    with pytest.raises(SealRefused) as caught:
        chosen(*candidates)
    assert caught.value.facts["count"] == 5
    for lang in ("tr", "en"):
        text = caught.value.text(lang)
        assert all(f") {item.label}: " in text for item in candidates)


def test_without_an_anchor_nothing_fits_outside_the_sandbox(card: Card) -> None:
    with pytest.raises(SealRefused) as caught:
        chosen(card.good, anchors=())
    assert caught.value.key == "signature.seal_untrusted"
