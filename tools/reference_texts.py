"""What the code does not say of itself, for the pages that `make_reference.py` writes."""

from __future__ import annotations

from edefter.errors import ExitCode

COLUMN_MEANINGS = {
    "entry_key": "What groups the lines of one voucher (fiş anahtarı); at least two lines share it",
    "entered_by": "Who entered it (kaydeden), two characters at least",
    "entered_date": "Date of the entry (yevmiye kayıt tarihi); decides month and order",
    "entry_number": "Voucher number (fiş no), free text",
    "entry_comment": "Explanation of the voucher (fiş açıklaması)",
    "batch_id": "Branch number, four digits; branch books only",
    "batch_description": "Branch name, `… Şubesi`; branch books only",
    "entry_no": "Journal entry number (yevmiye madde no); may be left to edefter, see `numbering`",
    "line_no": "Line number through the fiscal year; may be left to edefter as well",
    "main_account": "Main account (ana hesap), three digits of the uniform chart",
    "main_description": "Name of the main account",
    "sub_account": "Sub-account (alt hesap); starts with the main account",
    "sub_description": "Name of the sub-account; both or neither",
    "amount": "Amount in book currency, above zero, two decimals at most",
    "dc": "`D` debit (borç) or `C` credit (alacak)",
    "posting_date": "Date of the line; empty = `entered_date`",
    "document_type": "check, invoice, order-customer, order-vendor, voucher, shipment, receipt, "
    "other; empty when the entry rests on no document",
    "document_type_description": "Name of the document, required for `other` (dekont, …)",
    "document_number": "Document number; required for invoice, check and other",
    "document_reference": "If present, the same as `entry_number`",
    "document_date": "Document date; required where the number is",
    "payment_method": "How it was paid (ödeme yöntemi): Nakit, Banka, Çek, …",
    "line_comment": "Explanation of the line (satır açıklaması)",
    "amount_currency": "Currency of `amount`, ISO 4217; only with foreign transactions",
    "original_rate_date": "Date of the exchange rate; with `original_amount`",
    "original_amount": "Amount in foreign currency (döviz tutarı)",
    "original_currency": "Its currency, ISO 4217; with `original_amount`",
    "original_rate": "Exchange rate (kur); with `original_currency`",
    "original_rate_source": "Source of the rate (TCMB, …)",
    "original_rate_comment": "Remark on the rate",
    "item_code": "code of what was counted; needed when it has a description",
    "item_description": "what was counted",
    "item_quantity": "how much of it",
    "item_unit": "unit of the quantity, a code of UN/ECE Rec 20 (C62 = piece, KGM = kilogram)",
    "fund_quantity": "Units of an investment fund; units × unit cost = amount",
    "fund_unit_cost": "Cost of one fund unit",
    "source_row": "Set by edefter: row of the source, for messages; not a column of yours",
}

TYPES = {
    "text": "text",
    "date": "date `yyyy-mm-dd`",
    "int": "whole number",
    "kurus": "decimal",
    "decimal": "decimal",
}

SETTING_MEANINGS = {
    "environment": "which authority, portal and trust anchors: never mixed",
    "data_dir": "state database, working files, locks",
    "lang": "language of messages",
    "state_url": "SQLAlchemy URL of the state database; empty = SQLite in `data_dir`",
    "trust_anchors": "PEM folder of trusted roots; empty = `data_dir/anchors/<environment>`",
    "seals.NAME.kind": "kind of seal",
    "seals.NAME.path": "seal file (.p12/.pfx)",
    "seals.NAME.password": "its password, as a secret reference",
    "portal.enabled": "whether ledgers are uploaded to the archive portal at all",
    "portal.mutual_tls": "whether the upload channel presents a client certificate",
    "portal.connect_timeout_s": "wait for a connection",
    "portal.progress_timeout_s": "longest time without progress",
    "portal.retry_limit_s": "how long one run keeps trying an upload",
    "portal.finalize_wait_s": "how long one run waits for the portal's own check",
    "portal.proxy": "proxy URL; empty = none",
    "gib.proxy": "proxy URL; empty = none",
}

SECTION_SUMMARIES = {
    "application": "Who made this program, letter for letter as in GİB's approval letter. Needed "
    "in production only.",
    "seals.NAME": "A seal (mali mühür or NES). Companies name theirs; the default is `default`.",
    "sources.NAME": "An accounting source. Companies name theirs; the default is `default`.",
    "clock": "The clock check before every signature and every call to GİB.",
    "portal": "The archive portal: control channel on 443, resumable upload on 4443.",
    "archive": "The local archive tree; folder spellings are configurable.",
}

EXIT_MEANINGS = {
    ExitCode.OK: (
        "Everything asked for is done; after `run`: month closed and archived.",
        "İstenen her şey yapıldı; `run` sonrasında: ay kapandı ve arşivlendi.",
        "–",
    ),
    ExitCode.FINDINGS: (
        "Findings in the data or in a finished file; nothing was sent to GİB.",
        "Verilerde ya da oluşan dosyada bulgu var; GİB'e hiçbir şey gönderilmedi.",
        "Correct the vouchers named in the accounting program, run again.",
    ),
    ExitCode.CONFIG: (
        "Configuration or company registration is wrong or incomplete.",
        "Ayarlar ya da şirket kaydı yanlış veya eksik.",
        "Correct the keys or fields named, run again.",
    ),
    ExitCode.WAITING: (
        "Waiting for GİB or the portal. Nothing is lost.",
        "GİB ya da portal bekleniyor. Hiçbir şey kaybolmadı.",
        "Run the same command later (a scheduler may do it).",
    ),
    ExitCode.REFUSED: (
        "Refused: clock, seal, or the month before is not approved.",
        "Reddedildi: saat, mühür ya da önceki dönem onaylı değil.",
        "Remove the cause named, run again.",
    ),
    ExitCode.INTERNAL: (
        "Internal error, a defect of edefter.",
        "İç hata: edefter'in kusuru.",
        "Report it with the text shown.",
    ),
    ExitCode.OPERATOR: (
        "A person must decide: GİB rejected it, another version is approved there, or the portal "
        "holds other content.",
        "Karar vermeniz gerekiyor: GİB reddetti, orada başka sürüm onaylı ya da portalda başka "
        "içerik var.",
        "See [when GİB rejects](../how-to/gib-rejects.md).",
    ),
}

RULE_GROUPS = (
    ("GEN", "root element, decimals"),
    ("CTX", "context, ETTN and size in the berat, tax number in the file name"),
    ("DOC", "children of the root: signature, attachments"),
    ("SIG", "shape of the signature"),
    ("XBR", "xbrl block: units, identifier"),
    ("MEA", "units and currencies"),
    ("AEN", "entries present and sorted"),
    ("INF", "documentInfo: control number, dates, period, source application"),
    ("EIN", "entityInformation: title, address, accountant, fiscal year"),
    ("HDR", "entry header: numbers, totals, balance"),
    ("DET", "entry lines: accounts, amounts, documents, currency"),
    ("MSR", "measurable: fund units, inventory quantities"),
    ("BIN", "attachments"),
)
