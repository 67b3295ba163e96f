"""The sample company: a small accounting database as an accounting program would keep it.

    python -m edefter.sandbox.company ornek.sqlite

`Örnek Züccaciye ve Şişe Sanayi Anonim Şirketi` is invented. Its database has a chart of
accounts, users, vouchers and voucher lines, and the view `edefter_journal` with the canonical
columns, which is all that the product reads. Every voucher balances; each of GİB's eight document
types, foreign currency, fund units and awkward text occur. The same seed gives the same contents.
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

from edefter.model.period import Period
from edefter.sandbox.company_accounts import ACCOUNTS
from edefter.sandbox.company_vouchers import Draft, month_of_vouchers

FIRST_MONTH = Period(2026, 1)
COMPANY_NUMBER = "001"
"""How the accounting program names the company; `source_company` of samples/company.toml."""

_SCHEMA = """
CREATE TABLE accounts (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    parent TEXT REFERENCES accounts (code)
);
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    full_name TEXT NOT NULL
);
CREATE TABLE vouchers (
    id INTEGER PRIMARY KEY,
    company TEXT NOT NULL,
    voucher_no TEXT NOT NULL UNIQUE,
    voucher_date TEXT NOT NULL,
    kind TEXT NOT NULL,
    comment TEXT,
    journal_no INTEGER NOT NULL UNIQUE,
    created_by INTEGER NOT NULL REFERENCES users (id)
);
CREATE TABLE voucher_lines (
    id INTEGER PRIMARY KEY,
    voucher_id INTEGER NOT NULL REFERENCES vouchers (id),
    journal_line_no INTEGER NOT NULL UNIQUE,
    account_code TEXT NOT NULL REFERENCES accounts (code),
    debit_kurus INTEGER NOT NULL DEFAULT 0,
    credit_kurus INTEGER NOT NULL DEFAULT 0,
    document_type TEXT,
    document_name TEXT,
    document_no TEXT,
    document_date TEXT,
    payment_method TEXT,
    comment TEXT,
    currency TEXT,
    currency_amount TEXT,
    currency_rate TEXT,
    fund_quantity TEXT,
    fund_unit_cost TEXT,
    CHECK ((debit_kurus > 0) <> (credit_kurus > 0))
);
CREATE INDEX vouchers_by_date ON vouchers (company, voucher_date);
CREATE INDEX lines_by_voucher ON voucher_lines (voucher_id);
CREATE VIEW edefter_journal AS
SELECT
    v.company AS company,
    '' AS branch,
    CAST(v.id AS TEXT) AS entry_key,
    u.full_name AS entered_by,
    v.voucher_date AS entered_date,
    v.voucher_no AS entry_number,
    v.comment AS entry_comment,
    v.journal_no AS entry_no,
    l.journal_line_no AS line_no,
    m.code AS main_account,
    m.name AS main_description,
    CASE WHEN a.parent IS NULL THEN NULL ELSE a.code END AS sub_account,
    CASE WHEN a.parent IS NULL THEN NULL ELSE a.name END AS sub_description,
    printf('%d.%02d', (l.debit_kurus + l.credit_kurus) / 100,
        (l.debit_kurus + l.credit_kurus) % 100) AS amount,
    CASE WHEN l.debit_kurus > 0 THEN 'D' ELSE 'C' END AS dc,
    v.voucher_date AS posting_date,
    l.document_type AS document_type,
    l.document_name AS document_type_description,
    l.document_no AS document_number,
    v.voucher_no AS document_reference,
    l.document_date AS document_date,
    l.payment_method AS payment_method,
    l.comment AS line_comment,
    CASE WHEN l.currency IS NULL THEN NULL ELSE 'TRY' END AS amount_currency,
    CASE WHEN l.currency IS NULL THEN NULL ELSE l.document_date END AS original_rate_date,
    l.currency_amount AS original_amount,
    l.currency AS original_currency,
    l.currency_rate AS original_rate,
    CASE WHEN l.currency IS NULL THEN NULL ELSE 'T.C.M.B.' END AS original_rate_source,
    CASE WHEN l.currency IS NULL THEN NULL ELSE 'Döviz satış kuru' END AS original_rate_comment,
    l.fund_quantity AS fund_quantity,
    l.fund_unit_cost AS fund_unit_cost
FROM voucher_lines AS l
JOIN vouchers AS v ON v.id = l.voucher_id
JOIN users AS u ON u.id = v.created_by
JOIN accounts AS a ON a.code = l.account_code
JOIN accounts AS m ON m.code = coalesce(a.parent, a.code);
"""
_USERS = ("İrem Şahin", "Ilgaz Öztürk", "Çağrı Güneş", "Ö.Ğ.")
_LINE_FIELDS = (
    "account_code",
    "debit_kurus",
    "credit_kurus",
    "document_type",
    "document_name",
    "document_no",
    "document_date",
    "payment_method",
    "comment",
    "currency",
    "currency_amount",
    "currency_rate",
    "fund_quantity",
    "fund_unit_cost",
)


def create_sample_database(
    path: Path, *, start: Period = FIRST_MONTH, months: int = 2, seed: int = 2026
) -> None:
    """Make the sample company's accounting database.

    Args:
        path: new SQLite file; an existing one is replaced.
        start: first month; its first voucher is the opening entry.
        months: how many consecutive months, 1 or more.
        seed: same seed, same contents.

    Raises:
        ValueError: months below 1.
        OSError: the file cannot be written.
    """
    if months < 1:
        raise ValueError("at least one month")
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    try:
        with connection:
            connection.executescript(_SCHEMA)
            _fill_masters(connection)
            voucher_id = line_id = 0
            period = start
            for index in range(months):
                drafts = month_of_vouchers(period, seed + index, opening=index == 0)
                for draft in drafts:
                    voucher_id += 1
                    line_id = _insert(connection, draft, voucher_id, line_id)
                period = period.next()
        connection.execute("VACUUM")
    finally:
        connection.close()


def _fill_masters(connection: sqlite3.Connection) -> None:
    parents = {code: code.partition(".")[0] for code in ACCOUNTS if "." in code}
    connection.executemany(
        "INSERT INTO accounts (code, name, parent) VALUES (?, ?, ?)",
        [(code, name, parents.get(code)) for code, name in sorted(ACCOUNTS.items())],
    )
    connection.executemany(
        "INSERT INTO users (id, login, full_name) VALUES (?, ?, ?)",
        [(number, f"muhasebe{number}", name) for number, name in enumerate(_USERS, 1)],
    )


def _insert(connection: sqlite3.Connection, draft: Draft, voucher_id: int, line_id: int) -> int:
    """Store one voucher; its id is its journal number, line ids are line numbers."""
    connection.execute(
        "INSERT INTO vouchers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            voucher_id,
            COMPANY_NUMBER,
            f"{draft.kind[0].upper()}{draft.day:%Y%m}{voucher_id:06d}",
            draft.day.isoformat(),
            draft.kind,
            draft.comment,
            voucher_id,
            1 + voucher_id % len(_USERS),
        ),
    )
    marks = ", ".join("?" * (len(_LINE_FIELDS) + 3))
    for line in draft.lines:
        line_id += 1
        values = [getattr(line, name) for name in _LINE_FIELDS]
        connection.execute(
            f"INSERT INTO voucher_lines VALUES ({marks})",  # noqa: S608 - question marks only
            (line_id, voucher_id, line_id, *values),
        )
    return line_id


def main(arguments: list[str]) -> int:
    """Command line: one argument, the path of the new database."""
    if len(arguments) != 1:
        print("usage: python -m edefter.sandbox.company PATH", file=sys.stderr)
        return 2
    create_sample_database(Path(arguments[0]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
