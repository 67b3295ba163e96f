"""How often GİB was asked about a package, so that the schedule goes on over restarts.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the count; packages that wait are asked as if they had just been sent."""
    with op.batch_alter_table("document") as table:
        table.add_column(sa.Column("asked_times", sa.Integer(), nullable=False, server_default="0"))
