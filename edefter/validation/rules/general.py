"""GEN, CTX, XBR-06, DOC, BIN: root, context, children of the root, attachments."""

from __future__ import annotations

import re

from edefter.validation.records import Document
from edefter.validation.rule import Context, Predicate, Table, violated
from edefter.validation.xpath import equal, ns, string

TABLE = Table()
_BY_PROGRAM = (
    "Belgeyi e-Defter yazılımıyla yeniden oluşturun.",
    "Build the document again with the e-Defter software.",
)
_QUANTITY = re.compile(r"[0-9]+(\.[0-9]{1,2})?")
_UUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_DIGITS = re.compile(r"[0-9]{10,11}")

TABLE.add(
    "Y K B R EB",
    "GEN-01",
    "decimals",
    (
        "{element} elemanının decimals niteliği “{value}”; yalnızca INF olabilir",
        "attribute decimals of {element} is “{value}”; it must be INF",
        "decimals niteliğini INF yapın. " + _BY_PROGRAM[0],
        "Write decimals as INF. " + _BY_PROGRAM[1],
    ),
    violated,
    context=Context.ATTRIBUTE,
)
TABLE.add(
    "E",
    "GEN-01",
    "decimals",
    (
        "{element} elemanının decimals niteliği “{value}”; yalnızca INF ya da 2 olabilir",
        "attribute decimals of {element} is “{value}”; it must be INF or 2",
        "decimals niteliğini INF yapın. " + _BY_PROGRAM[0],
        "Write decimals as INF. " + _BY_PROGRAM[1],
    ),
    violated,
    context=Context.ATTRIBUTE,
)
for _families, _root in (("Y K E", "defter"), ("B EB", "berat"), ("R", "defterraporu")):
    TABLE.add(
        _families,
        "GEN-02",
        f"edefter:{_root}",
        (
            f"kök eleman edefter:{_root} olmalı, {{root_name}} bulundu",
            f"the root element must be edefter:{_root}, found {{root_name}}",
            "Dosyanın türünü denetleyin; yanlış dosya seçilmiş olabilir. " + _BY_PROGRAM[0],
            "Check the kind of the file; it may be the wrong file. " + _BY_PROGRAM[1],
        ),
        lambda document, _: document.root_fits,
        context=Context.DOCUMENT,
    )

# CTX: entity and segment of the context -----------------------------------------------------
_ENTITY = Context.ENTITY
_NOT_IN_LEDGER = (
    "Bu alan yalnızca beratlarda yazılır; belgeyi e-Defter yazılımıyla yeniden oluşturun.",
    "This field belongs into berats only; build the document again with the e-Defter software.",
)


def _ctx(
    families: str,
    name: str,
    field: str,
    texts: tuple[str, str],
    holds: Predicate,
    fix: tuple[str, str] = _BY_PROGRAM,
) -> None:
    TABLE.add(families, name, field, (*texts, *fix), holds, context=_ENTITY)


def _is(document: Document, kind: str) -> bool:
    return equal(document.types, kind)


_ctx(
    "Y K R E",
    "CTX-01",
    "number_of_entries",
    (
        "bağlamda (context) numberOfEntries yalnızca yevmiye ve envanter beratında olabilir",
        "the context may hold numberOfEntries only in the berat of a journal or inventory book",
    ),
    lambda entity, _: entity.number_of_entries is None,
    _NOT_IN_LEDGER,
)
_ctx(
    "B",
    "CTX-01",
    "number_of_entries",
    (
        "numberOfEntries yalnızca yevmiye beratında olabilir; entriesType “{types}”",
        "numberOfEntries is allowed in the berat of a journal only; entriesType is “{types}”",
    ),
    lambda entity, document: _is(document, "journal") or entity.number_of_entries is None,
)
_ctx(
    "Y K E",
    "CTX-02",
    "unique_id",
    (
        "defterin bağlamında (context) uniqueID olamaz",
        "the context of a ledger must not hold uniqueID",
    ),
    lambda entity, _: entity.unique_id is None,
    _NOT_IN_LEDGER,
)
_ctx(
    "B",
    "CTX-02",
    "number_of_entries",
    (
        "yevmiye beratında madde sayısı (numberOfEntries) yok",
        "the berat of a journal lacks the number of entries (numberOfEntries)",
    ),
    lambda entity, document: not _is(document, "journal") or entity.number_of_entries is not None,
)
_ctx(
    "EB",
    "CTX-02",
    "number_of_entries",
    (
        "envanter beratında madde sayısı (numberOfEntries) yok",
        "the berat of an inventory book lacks the number of entries (numberOfEntries)",
    ),
    lambda entity, document: not _is(document, "assets") or entity.number_of_entries is not None,
)
_ctx(
    "B R EB",
    "CTX-03",
    "unique_id",
    (
        "ETTN (bağlamdaki uniqueID) yok",
        "the UUID of the document (uniqueID of the context) is missing",
    ),
    lambda entity, _: entity.unique_id is not None,
)
_ctx(
    "B EB",
    "CTX-04",
    "quantity",
    (
        "defterin boyutu (bağlamdaki measurableQuantity) yok",
        "the size of the ledger (measurableQuantity of the context) is missing",
    ),
    lambda entity, _: entity.quantity is not None,
)
_ctx(
    "B EB",
    "CTX-05",
    "quantity",
    (
        "defterin boyutu “{quantity}”; MB olarak, en çok iki ondalıkla yazılmalı",
        "the size of the ledger is “{quantity}”; it is written in MB with at most two decimals",
    ),
    lambda entity, _: entity.quantity is None or bool(_QUANTITY.fullmatch(ns(entity.quantity))),
)
_ctx(
    "B R EB",
    "CTX-06",
    "unique_id",
    (
        "ETTN “{unique_id}” UUID biçiminde değil (8-4-4-4-12 onaltılık hane, boşluksuz)",
        "“{unique_id}” is no UUID (8-4-4-4-12 hexadecimal digits, no blanks)",
    ),
    lambda entity, _: entity.unique_id is None or bool(_UUID.fullmatch(string(entity.unique_id))),
)
_ctx(
    "Y K B R E EB",
    "CTX-07",
    "identifier",
    (
        "dosya adı {file}, içindeki VKN/TCKN “{identifier}” ile uyuşmuyor",
        "the file name {file} does not match the tax number “{identifier}” inside",
    ),
    lambda entity, document: f"{string(entity.identifier)}-" in document.name,
    (
        "Dosya adını değiştirmeyin; doğru mükellefin dosyasını seçin ya da yeniden oluşturun.",
        "Do not rename the file; choose the right taxpayer's file or build the document again.",
    ),
)
TABLE.add(
    "Y K B R E EB",
    "XBR-06",
    "identifier",
    (
        "VKN 10, TCKN 11 rakam olmalı; “{value}” yazılmış",
        "a VKN has 10, a TCKN 11 digits; “{value}” is written",
        "Mükellef kaydındaki vergi/T.C. kimlik numarasını düzeltip belgeyi yeniden oluşturun.",
        "Correct the tax number in the company's record and build the document again.",
    ),
    lambda item, _: bool(_DIGITS.fullmatch(ns(item.value))),
    context=Context.IDENTIFIER,
)

# DOC: children of the root ------------------------------------------------------------------
TABLE.add(
    "Y K E",
    "DOC-01",
    "ds:Signature",
    (
        "defter imzalanmamış (ds:Signature yok)",
        "the ledger is not signed (no ds:Signature)",
        "Defteri mali mühür ya da nitelikli elektronik imzayla imzalayın.",
        "Sign the ledger with the mali mühür or a qualified certificate.",
    ),
    lambda document, _: not document.root_fits or bool(document.signatures),
    context=Context.DOCUMENT,
    signature_only=True,
)
TABLE.add(
    "B EB",
    "DOC-01",
    "ds:SignatureValue",
    (
        "beratta defterin imza değeri (ds:SignatureValue) yok",
        "the berat lacks the signature value of its ledger (ds:SignatureValue)",
        "Beratı, imzalanmış defterden yeniden oluşturun.",
        "Build the berat again from the signed ledger.",
    ),
    lambda document, _: not document.root_fits or document.signature_values > 0,
    context=Context.DOCUMENT,
)
TABLE.add(
    "K B R EB",
    "DOC-02",
    "defterek:binaryObject",
    (
        "bu belgede ek dosya (binaryObject) olamaz",
        "this kind of document must not hold an attachment (binaryObject)",
        "Eki çıkarın; ekler yalnızca yevmiye ve envanter defterine konur.",
        "Take the attachment out; only journals and inventory books hold attachments.",
    ),
    lambda document, _: not document.attachments,
    context=Context.DOCUMENT,
)

# BIN: attachments ---------------------------------------------------------------------------
_PDF = (
    "Eki PDF olarak yeniden ekleyin.",
    "Attach the file again as PDF.",
)


def _bin(name: str, field: str, texts: tuple[str, str], holds: Predicate) -> None:
    TABLE.add("Y E", name, field, (*texts, *_PDF), holds, context=Context.ATTACHMENT)


_bin(
    "BIN-01",
    "mimeCode",
    (
        "ek dosyanın türü (mimeCode) “{mime}”; application/pdf olmalı",
        "the attachment's type (mimeCode) is “{mime}”; it must be application/pdf",
    ),
    lambda item, _: item.mime == "application/pdf",
)
_bin(
    "BIN-02",
    "filename",
    (
        "ek dosyanın adı “{filename}”; küçük harfle .pdf ile bitmeli",
        "the attachment's name is “{filename}”; it must end in .pdf (lower case)",
    ),
    lambda item, _: (item.filename or "").endswith(".pdf"),
)
_bin(
    "BIN-03",
    "defterek:binaryObject",
    ("ek dosya boş", "the attachment is empty"),
    lambda item, _: not item.is_blank,
)
