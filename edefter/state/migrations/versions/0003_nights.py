"""One pace for all processes, and nights that several workers share.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the tables; nothing is known yet of any endpoint or night."""
    op.create_table(
        "pace",
        sa.Column("endpoint", sa.String(300), primary_key=True),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.Column("held_until", sa.Double(), nullable=False),
    )
    op.create_table(
        "night",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("goal", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.String(40), nullable=False),
        sa.Column("until_at", sa.String(40), nullable=False),
        sa.Column("ended_at", sa.String(40)),
    )
    op.create_table(
        "night_month",
        sa.Column("night", _ID, sa.ForeignKey("night.id"), nullable=False),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("branch", sa.String(4), nullable=False),
        sa.Column("period", sa.String(6), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("exit_code", sa.Integer()),
        sa.Column("again_at", sa.String(40)),
        sa.Column("over", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("told", sa.JSON()),
        sa.PrimaryKeyConstraint("night", "company", "branch", "period"),
    )
