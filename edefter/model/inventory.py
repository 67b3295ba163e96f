"""The envanter as columns: one row per line with its entry's header fields repeated.

The columns that it shares with the journal are the journal's own; an envanter has no sides, no
documents and no posting date, and a line may say what was counted (format.md §3.3, §3.5).
"""

from __future__ import annotations

from edefter.model.journal import COLUMN, CURRENCY_COLUMNS, Column, Layout

_SHARED = (
    "entry_key",
    "entered_by",
    "entered_date",
    "entry_number",
    "entry_comment",
    "batch_id",
    "batch_description",
    "entry_no",
    "line_no",
    "main_account",
    "main_description",
    "sub_account",
    "sub_description",
    "amount",
    "line_comment",
    *CURRENCY_COLUMNS,
)
ITEM_COLUMNS = (
    Column("item_code", "text", "gl-bus:measurableID"),
    Column("item_description", "text", "gl-bus:measurableDescription"),
    Column("item_quantity", "decimal", "gl-bus:measurableQuantity"),
    Column("item_unit", "text", "gl-bus:measurableUnitOfMeasure"),
)
INVENTORY = Layout(
    "edefter_inventory",
    (*(COLUMN[name] for name in _SHARED), *ITEM_COLUMNS, COLUMN["source_row"]),
)
