"""Small books in the İzibiz layout, written as tests need them."""

from __future__ import annotations

from collections.abc import Sequence

COLUMNS = (  # noqa: SIM905 - one name after the other, as in the file
    "detailref entryref linenumber linenumbercounter accmainid accmainiddesc accsubid accsubdesc "
    "amount debitcreditcode postingdate documenttype doctypedesc documentnumber documentreference "
    "entrynumbercounter documentdate paymentmethod detailcomment erpno divisionno enteredby "
    "entereddate entrynumber entrycomment"
).split()

Row = dict[str, str]


def number(entry: int) -> str:
    """The voucher number of an entry, 32 characters as in the public sample."""
    return f"{entry:032d}"


def line(no: int, entry: int, account: str, amount: str, side: str, day: str) -> Row:
    """One row; only what differs between lines is asked for."""
    main = account.partition(".")[0]
    return {
        "detailref": str(9000 + no), "entryref": str(70000 + entry), "linenumber": str(no),
        "linenumbercounter": str(entry), "accmainid": main, "accmainiddesc": f"HESABI ŞĞİ {main}",
        "accsubid": account, "accsubdesc": f"Alt hesap {account}", "amount": amount,
        "debitcreditcode": side, "postingdate": day, "documenttype": "invoice",
        "doctypedesc": "NULL", "documentnumber": f"FT{entry:06d}",
        "documentreference": number(entry), "entrynumbercounter": str(entry), "documentdate": day,
        "paymentmethod": "NULL", "detailcomment": "", "erpno": "00101", "divisionno": "0",
        "enteredby": "H.A.", "entereddate": day, "entrynumber": number(entry),
        "entrycomment": f"{number(entry)} numaralı işlem",
    }  # fmt: skip


def book(days: Sequence[str], first_entry: int = 1, first_line: int = 1) -> list[Row]:
    """One balanced entry of three lines per day given, numbers running on."""
    rows = []
    for index, day in enumerate(days):
        no, entry = first_line + 3 * index, first_entry + index
        rows += [
            line(no, entry, "153.01", "1000", "D", day),
            line(no + 1, entry, "191.01", "180", "D", day),
            line(no + 2, entry, "320.01", "1180", "C", day),
        ]
    return rows


def changed(rows: list[Row], *indexes: int, **values: str) -> list[Row]:
    """The rows with some fields of some rows changed."""
    return [row | values if at in indexes else row for at, row in enumerate(rows)]


def written(
    rows: Sequence[Row | str],
    *,
    encoding: str = "cp1254",
    end: str = "\r",
    delimiter: str = ";",
    columns: Sequence[str] = COLUMNS,
) -> bytes:
    """The file; a row given as text stands as it is."""
    lines = [delimiter.join(columns)]
    for row in rows:
        fields = row if isinstance(row, str) else None
        lines.append(fields or delimiter.join(row[name.lower()] for name in columns))  # type: ignore[index]
    return "".join(text + end for text in lines).encode(encoding)
