"""When the portal's copy of a file was last read back.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; no copy was read back yet."""
    with op.batch_alter_table("upload") as table:
        table.add_column(sa.Column("challenged_at", sa.String(40)))
