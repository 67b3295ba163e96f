"""Tables of the state database (SQLite by default, PostgreSQL for bureaus).

Instants are stored as ISO 8601 text in UTC, so that both databases give back exactly what was
written; branch, kind and part are columns everywhere.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

_ID = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up INTEGER keys only

company = Table(
    "company",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("tax_number", String(11), nullable=False),
    Column("registration", JSON, nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("updated_at", String(40), nullable=False),
)

document = Table(
    "document",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("company", String(64), ForeignKey("company.code"), nullable=False),
    Column("branch", String(4), nullable=False, server_default=""),
    Column("period", String(6), nullable=False),
    Column("kind", String(2), nullable=False),
    Column("part", String(6), nullable=False),
    Column("state", String(24), nullable=False),
    Column("intent", String(24)),  # effect being attempted, recorded before it
    Column("intent_at", String(40)),
    Column("unknown_since", String(40)),  # first moment an answer was missed
    Column("not_found_at", String(40)),  # GİB said 304; a second time allows a resend
    Column("asked_at", String(40)),
    Column("asked_times", Integer, nullable=False, server_default="0"),  # since it was sent
    Column("first_day", String(10), nullable=False),
    Column("last_day", String(10), nullable=False),
    Column("creation_date", String(10), nullable=False),
    Column("source_application", Text, nullable=False, server_default=""),
    Column("counters_before", JSON),
    Column("counters_after", JSON),
    Column("totals", JSON),
    Column("ettn", String(36)),
    Column("accepted_at", String(40)),
    Column("gib_code", Integer),
    Column("gib_text", Text),
    Column("rejected_text", Text),  # an older package of this id was refused with these words
    Column("send_after", String(40)),  # GİB asked to stay away until then (code 114)
    Column("approved_at", String(40)),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("adopted", Integer, nullable=False, server_default="0"),
    Column("created_at", String(40), nullable=False),
    Column("updated_at", String(40), nullable=False),
    UniqueConstraint("company", "branch", "period", "kind", "part"),
)

file = Table(
    "file",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("document_id", _ID, ForeignKey("document.id"), nullable=False),
    Column("role", String(24), nullable=False),  # unsigned, ledger, berat, package, approved
    Column("name", String(80), nullable=False),
    Column("path", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("signature_value", Text),
    Column("signing_time", String(40)),
    Column("certificate_sha256", String(64)),
    Column("created_at", String(40), nullable=False),
    UniqueConstraint("document_id", "role"),
)

upload = Table(
    "upload",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("document_id", _ID, ForeignKey("document.id"), nullable=False),
    Column("role", String(24), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("state", String(24), nullable=False),  # intended, stored
    Column("memory", JSON),
    Column("receipt_id", String(80)),
    Column("receipt_seq", BigInteger),
    Column("receipt_sha256", String(64)),
    Column("receipt", Text),
    Column("stored_at", String(40)),
    Column("verified_at", String(40)),  # the portal last reread its copy and found it right
    Column("challenged_at", String(40)),  # the portal's copy was last read back and was right
    Column("updated_at", String(40), nullable=False),
    UniqueConstraint("document_id", "role"),
)

measurement = Table(
    "measurement",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("company", String(64), nullable=False),
    Column("branch", String(4), nullable=False, server_default=""),
    Column("period", String(6), nullable=False),
    Column("purpose", String(64), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("offset_ms", BigInteger),
    Column("evidence", JSON, nullable=False),
    Column("at", String(40), nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", _ID, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("company", String(64), nullable=False),
    Column("branch", String(4), nullable=False, server_default=""),
    Column("period", String(6), nullable=False, server_default=""),
    Column("kind", String(8), nullable=False, server_default=""),
    Column("part", String(6), nullable=False, server_default=""),
    Column("action", String(48), nullable=False),
    Column("from_state", String(24)),
    Column("to_state", String(24)),
    Column("cause", Text, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

pace = Table(
    "pace",
    metadata,
    Column("endpoint", String(300), primary_key=True),
    Column("next_at", Double, nullable=False),  # the next free slot, seconds since 1970
    Column("held_until", Double, nullable=False),  # the endpoint's own Retry-After
)

night = Table(
    "night",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("goal", Integer, nullable=False),
    Column("begun_at", String(40), nullable=False),
    Column("until_at", String(40), nullable=False),  # the end of its budget
    Column("ended_at", String(40)),
)

night_month = Table(
    "night_month",
    metadata,
    Column("night", _ID, ForeignKey("night.id"), primary_key=True, autoincrement=False),
    Column("company", String(64), primary_key=True),
    Column("branch", String(4), primary_key=True),
    Column("period", String(6), primary_key=True),
    Column("place", Integer, nullable=False),  # in the work list
    Column("visits", Integer, nullable=False, server_default="0"),
    Column("exit_code", Integer),  # of the last visit; null = its turn did not come
    Column("again_at", String(40)),  # when another visit is worth it
    Column("over", Integer, nullable=False, server_default="0"),  # no further visit tonight
    Column("told", JSON),  # the report of the last visit, by language
)

copied = Table(
    "copied",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("company", String(64), nullable=False),
    Column("place", String(64), nullable=False),  # a second place, as configured
    Column("path", String(500), nullable=False),  # there; ends in the SHA-256 of the plain content
    Column("sha256", String(64), nullable=False),  # of the plain content
    Column("stored_sha256", String(64), nullable=False),  # of what lies there, perhaps encrypted
    Column("stored_bytes", BigInteger, nullable=False),
    Column("copied_at", String(40), nullable=False),
    Column("reread_at", String(40)),  # it was last read back and was right
    UniqueConstraint("place", "path"),
)

hold = Table(
    "hold",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("company", String(64), nullable=False),
    Column("year_start", String(10), nullable=False),  # of the fiscal year
    Column("reason", Text, nullable=False),
    Column("placed_at", String(40), nullable=False),
    Column("released_at", String(40)),
    Column("released_because", Text),
)

report = Table(
    "report",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("company", String(64), nullable=False),
    Column("at", String(40), nullable=False),
    Column("safe", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),  # of the payload; the next one carries it
    Column("jws", Text, nullable=False),
)

disposal = Table(
    "disposal",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("company", String(64), nullable=False),
    Column("year_start", String(10), nullable=False),  # of the fiscal year
    Column("reason", Text, nullable=False),
    Column("root", String(64), nullable=False),  # of the hash tree of what was deleted
    Column("files", Integer, nullable=False),
    Column("ordered_at", String(40), nullable=False),
    Column("done_at", String(40)),
    UniqueConstraint("company", "year_start"),
)
