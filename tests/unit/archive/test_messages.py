"""Every key that the archive uses is in the catalogue, in both languages, with a remedy."""

from __future__ import annotations

import re
from pathlib import Path

import edefter.archive
from edefter import messages
from tests.support.texts import facts_of

SOURCES = sorted(Path(edefter.archive.__file__).parent.rglob("*.py"))
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
CATALOGUE = {
    key: entry for key, entry in messages.catalogue().items() if key.startswith("archive.")
}


def used() -> set[str]:
    direct = set(re.findall(r'"(archive\.[a-z_]+)"', TEXT)) - {"archive.call"}
    findings = {f"archive.{key}" for key in re.findall(r'"(finding_[a-z_]+)"', TEXT)}
    chain = {f"archive.finding_chain_{reason}" for reason in ("unreadable", "sequence", "link")}
    return direct | findings | chain


def test_used_and_written_keys_are_the_same():
    assert used() == set(CATALOGUE)


def test_every_message_has_a_remedy_and_the_same_facts_in_both_languages():
    for key, entry in CATALOGUE.items():
        assert entry.get("remedy_tr"), key
        assert entry.get("remedy_en"), key
        assert facts_of(entry["tr"]) == facts_of(entry["en"]), key
