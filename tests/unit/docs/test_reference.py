"""The reference pages say what the code says."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from edefter.config.keeping import ArchiveSettings
from edefter.config.settings import Settings
from edefter.model.documents import DocumentName
from edefter.model.inventory import INVENTORY
from edefter.model.journal import COLUMNS

REPO = Path(__file__).resolve().parents[3]
DOCS = REPO / "docs"


def load_tool():
    spec = importlib.util.spec_from_file_location(
        "make_reference", REPO / "tools" / "make_reference.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = load_tool()


@pytest.mark.parametrize("page", sorted(TOOL.PAGES))
def test_committed_page_is_what_the_tool_makes(page: str):
    committed = (DOCS / "reference" / page).read_text(encoding="utf-8")
    assert committed == TOOL.PAGES[page](), "run: python tools/make_reference.py"


def test_column_table_equals_the_code():
    page = (DOCS / "reference" / "journal-columns.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
    documented = [(cells[0].strip("|` "), cells[2].strip() == "yes") for cells in rows]
    assert documented == [
        (column.name, column.required) for column in (*COLUMNS, *INVENTORY.columns)
    ]


def test_every_setting_is_on_the_page():
    page = (DOCS / "reference" / "configuration.md").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert f"`{name}`" in page or f"## [{name}" in page, name


def test_file_name_examples_are_names_that_the_program_reads():
    page = (DOCS / "reference" / "files.md").read_text(encoding="utf-8")
    names = re.findall(r"(?:GIB-)?\d{10,11}-\d{6}-[A-Z]{1,2}-\d{6}[-\d]*\.(?:xml|zip)", page)
    assert len(set(names)) >= 8
    for name in names:
        parsed = DocumentName.parse(name)
        assert name in {parsed.xml, parsed.zip}


def test_archive_tree_on_the_page_is_the_default_one():
    page = (DOCS / "reference" / "files.md").read_text(encoding="utf-8")
    defaults = ArchiveSettings()
    year = defaults.year_folder.format(start="01.01.2026", end="31.12.2026")
    assert f"{year}/" in page
    assert f"{defaults.month_folder.format(month=1, year=2026)}/" in page
    assert f"{defaults.cancelled_folder}/" in page


LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize(
    "page", sorted(path.relative_to(REPO).as_posix() for path in DOCS.rglob("*.md"))
)
def test_links_between_pages_lead_somewhere(page: str):
    path = REPO / page
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target
