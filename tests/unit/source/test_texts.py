from __future__ import annotations

import pytest

from edefter import messages
from edefter.ledger.findings import LedgerRule
from edefter.source.findings import SourceRule


@pytest.mark.parametrize(
    "key",
    [f"source.{rule}" for rule in SourceRule] + [f"ledger.{rule}" for rule in LedgerRule],
)
def test_every_rule_has_sentence_and_remedy_in_both_languages(key: str) -> None:
    entry = messages.catalogue()[key]
    assert set(entry) == {"tr", "en", "remedy_tr", "remedy_en"}
    assert all(entry.values())
