"""A ledger whose texts attack the reports that show them."""

from __future__ import annotations

from xml.sax.saxutils import escape

from edefter.model.documents import Kind
from tests.unit.validation.documents import Writer

SCRIPT = "<script>document.title='PWNED'</script>"
IMAGE = '"><img src=x onerror="document.title=\'PWNED\'">'
BIDI = "\u202egnp.exe\u2066"
FORMULA = '=HYPERLINK("http://example.test","Tıkla")'
LONG = "Ü" * 10_000
TEXTS = (SCRIPT, IMAGE, BIDI, FORMULA, LONG, "@SUM(1+1)", "-1+1|cmd", "\u200bgörünmez")


def ledger() -> bytes:
    """A yevmiye: voucher numbers, accounts and document types are the hostile texts."""
    writer = Writer(Kind.Y)
    entries, line = [], 0
    for number, text in enumerate(TEXTS, start=1):
        line += 2
        lines = [(line - 1, "100", "D", "5.00"), (line, "600", "C", "5.00")]
        entry = writer.entry(number, "2026-01-02", lines)
        for harmless in (f"F{number:06d}", "100.01", "invoice"):
            entry = entry.replace(f">{harmless}<", f">{escape(text)}<")
        entries.append(entry)
    return (writer.start() + "".join(entries) + writer.end()).encode()
