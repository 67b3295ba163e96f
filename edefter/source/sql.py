"""Any SQL database: one query or view with the canonical columns (inputs.md §1).

The envanter has a query or view of its own.

The rows are taken by a server-side cursor in one read-only transaction with one snapshot, so the
books cannot change under the reading. Columns are named as in `edefter.model.journal.COLUMNS`
(money is `amount`); those that the query leaves out are missing values. Rows pass through Python
once, as the driver gives them; from there on everything works on whole columns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from edefter.config.settings import SourceSettings
from edefter.errors import ConfigError, DataError
from edefter.model.finding import FindingLog, Place
from edefter.model.journal import COLUMN, JOURNAL, JournalBatch, Layout
from edefter.model.period import ISTANBUL
from edefter.observe.events import event
from edefter.source.ahead import ahead
from edefter.source.findings import SourceRule, make
from edefter.source.pipeline import journal
from edefter.source.port import ReadRequest, SourceCheck

_ORDER = ("entered_date", "entry_no", "line_no")
_HOLE = "{}"  # where a condition's value belongs
_CLOCKS = {
    "postgresql": "SELECT clock_timestamp()",
    "mysql": "SELECT UTC_TIMESTAMP(6)",
    "mariadb": "SELECT UTC_TIMESTAMP(6)",
}
"""SQLite is the computer itself: its clock would prove nothing."""
FETCH_ROWS = 8_192  # rows asked of the server at a time; as Python objects some 2 kB each


class SqlSource:
    """`VoucherSource` over one query.

    Args:
        name: name of the source in the configuration.
        url: with the password filled in; never shown.
        settings: query and batch size.

    Raises:
        ConfigError: unknown database kind or driver not installed.
    """

    def __init__(self, name: str, url: sa.URL, settings: SourceSettings) -> None:
        self._name = name
        self._settings = settings
        self._shown = url.set(password=None).render_as_string()
        try:
            # The rows are fetched by a thread of their own (`ahead`).
            threads = {"check_same_thread": False} if url.get_backend_name() == "sqlite" else {}
            self._engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=threads)
        except (NoSuchModuleError, ImportError) as error:
            raise ConfigError(
                "source.driver_missing", source=name, driver=url.drivername
            ) from error
        except ArgumentError as error:
            raise ConfigError("source.bad_url", source=name) from error

    def check(self) -> SourceCheck:
        """Whether the database answers and the query has the columns; reads no rows."""
        day = date(2000, 1, 1)
        request = ReadRequest(company="", branch="", first_day=day, last_day=day)
        try:
            with self._result(request) as (result, _):
                names = _checked_names(result, self._name, JOURNAL)
        except (ConfigError, DataError) as error:
            return SourceCheck.misconfigured(error)
        known = len([name for name in names if name in COLUMN])
        return SourceCheck(
            state="ready",
            detail_tr=f"{self._engine.dialect.name}, {known} sütun",
            detail_en=f"{self._engine.dialect.name}, {known} columns",
        )

    def read(self, request: ReadRequest, findings: FindingLog) -> Iterator[JournalBatch]:
        """See `VoucherSource.read`.

        Raises:
            ConfigError: the database cannot be reached or refuses the query.
            DataError: required columns are missing.
        """
        event("source.opened", "accounting database opened", source=self._name, url=self._shown)
        yield from journal(
            self._raw_frames(request, findings),
            request,
            findings,
            source=self._name,
            settings=self._settings,
        )

    def clock(self) -> datetime | None:
        """The server's clock in UTC, or None for databases without one of their own.

        Raises:
            ConfigError: the database cannot be reached.
        """
        statement = _CLOCKS.get(self._engine.dialect.name)
        if statement is None:
            return None
        with self._errors(), self._engine.connect() as connection:
            now = connection.execute(sa.text(statement)).scalar_one()
        assert isinstance(now, datetime)
        return now.astimezone(UTC) if now.tzinfo else now.replace(tzinfo=UTC)

    def _raw_frames(self, request: ReadRequest, findings: FindingLog) -> Iterator[pl.DataFrame]:
        row = 0
        with self._parts(request) as parts:
            for part in parts:
                frame = self._texts(part, row, findings)
                numbers = pl.int_range(row + 1, row + 1 + frame.height, eager=True)
                yield frame.with_columns(numbers.alias("source_row"))
                row += frame.height

    @contextmanager
    def _parts(self, request: ReadRequest) -> Iterator[Iterator[pl.DataFrame | _Rows]]:
        """The rows of the query, some at a time, read ahead."""
        columns = self._sqlite_columns(request)
        if columns is not None:
            with ahead(columns, most=1) as frames:
                yield frames
            return
        with self._result(request) as (result, rows):
            names = _checked_names(result, self._name, request.layout)
            yield (_Rows(names, part, request.layout) for part in rows)

    def _sqlite_columns(self, request: ReadRequest) -> Iterator[pl.DataFrame] | None:
        """Whole columns of an SQLite table; None where only Python's own driver will do."""
        url = self._engine.url
        if url.get_backend_name() != "sqlite" or url.query or self._query(request.layout):
            return None
        from edefter.source import sqlite_columns

        path = url.database or ""
        with self._errors(), self._engine.connect() as connection:
            if path.startswith("file:") or not _keeps_utf8(connection):
                return None
            result = connection.execute(_no_rows(request.layout))
            held = _checked_names(result, self._name, request.layout)
        values = self._values(request, as_text=True)
        conditions = self._conditions(request)
        frames = sqlite_columns.read_columns(
            path,
            request.layout.table,
            [name for name in request.layout.names if name in held and name != "source_row"],
            " AND ".join(condition for condition, _ in conditions).replace(_HOLE, "?"),
            [values[name] for _, name in conditions],
            _order(held),
            request.layout,
            FETCH_ROWS,
        )
        return self._told(frames, sqlite_columns.ERRORS)

    def _told(
        self, frames: Iterator[pl.DataFrame], errors: tuple[type[Exception], ...]
    ) -> Iterator[pl.DataFrame]:
        try:
            yield from frames
        except errors as error:
            raise self._failed(str(error)) from error

    def _failed(self, detail: str) -> ConfigError:
        return ConfigError("source.query_failed", source=self._name, url=self._shown, detail=detail)

    def _texts(self, part: pl.DataFrame | _Rows, row: int, findings: FindingLog) -> pl.DataFrame:
        """Text columns of some rows; `row` stand before them."""
        if isinstance(part, _Rows):
            columns: Iterable[tuple[str, Sequence[Any]]] = part.columns()
        else:
            try:
                return part.select(
                    pl.when(pl.col(name) != b"").then(pl.col(name).cast(pl.String)).alias(name)
                    for name in part.columns
                )
            except pl.exceptions.PolarsError:  # some text is no UTF-8: which one is told below
                columns = ((name, part[name].to_list()) for name in part.columns)
        return pl.DataFrame([self._text(name, each, row, findings) for name, each in columns])

    @contextmanager
    def _result(
        self, request: ReadRequest
    ) -> Iterator[tuple[sa.CursorResult[Any], Iterator[Sequence[Any]]]]:
        with self._errors(), self._engine.connect() as plain:
            connection = self._one_snapshot(plain)
            statement = self._statement(request, connection)
            values = self._values(request, as_text=connection.dialect.name == "sqlite")
            given = {name: values[name] for name in statement.compile().params if name in values}
            result = connection.execution_options(
                stream_results=True, max_row_buffer=FETCH_ROWS
            ).execute(statement, given)
            with result, ahead(iter(lambda: result.fetchmany(FETCH_ROWS), []), most=1) as rows:
                yield result, rows

    def _one_snapshot(self, connection: sa.Connection) -> sa.Connection:
        """Read-only, and the same state of the books from the first row to the last."""
        kind = connection.dialect.name
        if kind == "postgresql":
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            # A timestamp with time zone means the day that it was in Turkey.
            connection.exec_driver_sql(f"SET LOCAL TIME ZONE '{ISTANBUL.key}'")
            return connection
        if kind in ("mysql", "mariadb"):
            connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        elif kind == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only = ON")
            # Bytes instead of str: text that is no UTF-8 becomes a finding, not an exception.
            connection.connection.driver_connection.text_factory = bytes  # type: ignore[union-attr]
        return connection

    def _query(self, layout: Layout) -> str:
        own = layout is JOURNAL
        query = self._settings.query if own else self._settings.inventory_query
        return query.strip().rstrip(";")

    def _statement(self, request: ReadRequest, connection: sa.Connection) -> sa.TextClause:
        if query := self._query(request.layout):
            return sa.text(query)
        empty = connection.execute(_no_rows(request.layout))
        held = {name.lower() for name in empty.keys()}  # noqa: SIM118 - a result is no dict
        conditions = " AND ".join(
            condition.replace(_HOLE, f":{name}") for condition, name in self._conditions(request)
        )
        return sa.text(
            f"SELECT * FROM {request.layout.table} WHERE {conditions}"  # noqa: S608
            f" ORDER BY {', '.join(_order(held))}"
        )

    @staticmethod
    def _conditions(request: ReadRequest) -> list[tuple[str, str]]:
        """Conditions of the default query, each with the name of its value."""
        found = [
            (f"entered_date >= {_HOLE}", "first_day"),
            (f"entered_date < {_HOLE}", "day_after"),
        ]
        found += [
            (f"{name} = {_HOLE}", name) for name in ("company", "branch") if getattr(request, name)
        ]
        return found

    @staticmethod
    def _values(request: ReadRequest, *, as_text: bool) -> dict[str, Any]:
        days = {
            "first_day": request.first_day,
            "last_day": request.last_day,
            "day_after": request.last_day + timedelta(days=1),
        }
        shown = {name: day.isoformat() if as_text else day for name, day in days.items()}
        return {"company": request.company, "branch": request.branch, **shown}

    def _text(self, name: str, values: Sequence[Any], row: int, findings: FindingLog) -> pl.Series:
        """A driver's column as text; exact for every type, by columns where types agree."""
        try:
            series = pl.Series(name, values)
            if isinstance(series.dtype, pl.Datetime) and series.dtype.time_zone:
                series = series.dt.convert_time_zone(ISTANBUL.key)
            if series.dtype in (pl.Date, pl.Datetime):
                return series.dt.to_string("%Y-%m-%d")
            if series.dtype.is_integer() or series.dtype in (pl.String, pl.Binary, pl.Null):
                return series.cast(pl.String)
        except (TypeError, OverflowError, UnicodeError, pl.exceptions.PolarsError):
            pass
        texts: list[str | None] = []
        for index, value in enumerate(values):
            text = None if value is None else _as_text(value)
            if value is not None and text is None:
                place = Place(file=self._name, row=row + index + 1, field=name)
                findings.add(make(SourceRule.UNDECODABLE, place, repr(value)))
            texts.append(text)
        return pl.Series(name, texts, dtype=pl.String)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            key = "source.unreachable" if error.statement is None else "source.query_failed"
            detail = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else ""
            raise ConfigError(key, source=self._name, url=self._shown, detail=detail) from error
        except SQLAlchemyError as error:
            raise self._failed(str(error)) from error


def open_sql(name: str, settings: SourceSettings, password: str | None) -> SqlSource:
    """Open the SQL source of these settings; connects only when it is used.

    Args:
        name: name of the source in the configuration.
        settings: of kind `sql`.
        password: of the database user, or None.

    Raises:
        ConfigError: no or a wrong URL, a password inside the URL, driver not installed, or an
            SQLite file that is not there.
    """
    try:
        url = sa.make_url(settings.url)
    except ArgumentError as error:
        raise ConfigError("source.bad_url", source=name) from error
    if url.password:
        raise ConfigError("source.password_in_url", source=name)
    if url.get_backend_name() == "sqlite":
        database = url.database or ""
        # sqlite3 would create an empty database in the place of a mistyped path.
        if not database.startswith("file:") and not Path(database).is_file():
            raise ConfigError(
                "source.file_unreadable", source=name, path=database, detail="no such file"
            )
    if password is not None:
        url = url.set(password=password)
    return SqlSource(name, url, settings)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Some rows as a driver gives them."""

    names: Sequence[str]
    rows: Sequence[Any]
    layout: Layout

    def columns(self) -> Iterator[tuple[str, Sequence[Any]]]:
        for name, values in zip(self.names, zip(*self.rows, strict=True), strict=True):
            if name in self.layout.names and name != "source_row":
                yield name, values


def _keeps_utf8(connection: sa.Connection) -> bool:
    return bool(connection.exec_driver_sql("PRAGMA encoding").scalar_one() == "UTF-8")


def _no_rows(layout: Layout) -> sa.TextClause:
    return sa.text(f"SELECT * FROM {layout.table} WHERE 1 = 0")  # noqa: S608 - a name of ours


def _order(held: Collection[str]) -> list[str]:
    return [name for name in _ORDER if name in held] or ["entered_date"]


def _checked_names(result: sa.CursorResult[Any], source: str, layout: Layout) -> list[str]:
    names = [name.lower() for name in result.keys()]  # noqa: SIM118 - a result is no dict
    missing = [name for name in layout.required if name not in names]
    if missing:
        raise DataError(
            "source.columns_missing", source=source, path=source, columns=", ".join(missing)
        )
    return names


def _as_text(value: Any) -> str | None:
    """Exact text of one driver value; None when its bytes are no text."""
    if isinstance(value, bytes | memoryview):
        try:
            return bytes(value).decode("utf-8")
        except UnicodeDecodeError:
            return None
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return repr(value)  # the shortest decimal that is this float
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(ISTANBUL)
    if isinstance(value, date):
        return value.isoformat()[:10]
    text = str(value)
    return text if text.isprintable() or not _has_surrogate(text) else None


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)
