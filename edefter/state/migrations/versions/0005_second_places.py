"""Copies at second places, legal holds, orders to delete, signed reports of what was proven.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the tables; nothing was reread, copied, held or reported yet."""
    with op.batch_alter_table("upload") as table:
        table.add_column(sa.Column("verified_at", sa.String(40)))
    op.create_table(
        "copied",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("path", sa.String(500), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("stored_sha256", sa.String(64), nullable=False),
        sa.Column("stored_bytes", sa.BigInteger(), nullable=False),
        sa.Column("copied_at", sa.String(40), nullable=False),
        sa.Column("reread_at", sa.String(40)),
        sa.UniqueConstraint("place", "path"),
    )
    op.create_table(
        "hold",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("year_start", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.String(40), nullable=False),
        sa.Column("released_at", sa.String(40)),
        sa.Column("released_because", sa.Text()),
    )
    op.create_table(
        "report",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("safe", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
    )
    op.create_table(
        "disposal",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("year_start", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("ordered_at", sa.String(40), nullable=False),
        sa.Column("done_at", sa.String(40)),
        sa.UniqueConstraint("company", "year_start"),
    )
