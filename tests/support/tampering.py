"""Tampered documents as data: how each is made, which answer it must get, and who else can see it.

`TAMPERINGS` must be refused, `CONTROLS` are the same document in other spelling and must be
accepted. Each is made twice, with and without the xml-stylesheet instruction, because signxml
judges only the latter rightly.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from edefter.berat.build import build_berat
from edefter.model.documents import DocumentName, Kind
from edefter.model.files import SignedFile
from edefter.sandbox.pki import KeyKind, SandboxPki, Variant, issue_variant
from edefter.sandbox.revocation.answers import certificate_list
from edefter.trust.answers import Answer
from edefter.trust.evidence import SUFFIX, Evidence, evidence_bytes
from edefter.verification.judge import Question
from tests.support.forging import (
    DECLARATION,
    DS,
    ENVELOPED,
    MORE,
    Draft,
    ForgersSeal,
    b64,
    element,
    signed_raw,
    stamped_value,
    time_stamp,
    with_stamp,
)
from tests.support.signed_documents import VKN, countersign, ledger_bytes, opened, store

SINGLE_QUOTED = "single-quoted attributes, hashed as they lay"

XMLSEC1, JDK, SIGNXML, OPENSSL = "xmlsec1", "jdk", "signxml", "openssl"
BOTH = frozenset({XMLSEC1, JDK})
ALL = frozenset({XMLSEC1, JDK, SIGNXML})
NOBODY: frozenset[str] = frozenset()

XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
_INSTRUCTION = re.compile(rb"<\?xml-stylesheet[^?]*\?>\n")
_TITLE = 'Iğdır Şişe, Cam + "Öz" Tic. A.Ş.'


@dataclass(frozen=True, slots=True)
class Made:
    """A document as it lies on a disk.

    Args:
        data: its bytes.
        kind, approved: for its name.
        beside: further files of its folder.
    """

    data: bytes
    kind: Kind = Kind.Y
    approved: bool = False
    beside: dict[str, bytes] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its file name."""
        return file_name(self.kind, approved=self.approved)

    def write(self, folder: Path) -> Path:
        """Write all of it into a folder of its own; returns the document's path."""
        folder.mkdir(parents=True)
        for name, data in {**self.beside, self.name: self.data}.items():
            (folder / name).write_bytes(data)
        return folder / self.name


def file_name(kind: Kind, *, approved: bool = False) -> str:
    """Name of the sample company's document."""
    return DocumentName.parse(f"{'GIB-' if approved else ''}{VKN}-202601-{kind}-000000").xml


class Workshop:
    """A forger's place: the PKI, good documents, and whatever seal he asks for.

    Args:
        pki: issues the seals.
        folder: for files on the way.
        rng: decides which key and which place, where that makes no difference.
        instruction: whether documents have the xml-stylesheet instruction.
    """

    def __init__(
        self, pki: SandboxPki, folder: Path, rng: random.Random, *, instruction: bool = True
    ) -> None:
        self.pki = pki
        self.folder = folder
        self.rng = rng
        self.instruction = instruction
        self._seals: dict[str, ForgersSeal] = {}

    @cached_property
    def key(self) -> KeyKind:
        """The key of what may be signed by either."""
        return self.rng.choice(("rsa", "ec"))

    def seal(self, key: KeyKind | None = None, variant: Variant | None = None) -> ForgersSeal:
        """A seal, by its key and by what is wrong with it; made once."""
        kind = key or self.key
        name = f"{kind}-{variant}"
        if name not in self._seals:
            if variant is None:
                file = self.pki.issue_seal(VKN, _TITLE, key=kind, label=uuid.uuid4().hex)
            else:
                file = issue_variant(self.pki, variant, VKN, _TITLE, key=kind)
            self._seals[name] = ForgersSeal.open(file)
        return self._seals[name]

    def other_seal(self, key: KeyKind | None = None) -> ForgersSeal:
        """A seal of the same company and kind, with another key."""
        return ForgersSeal.open(
            self.pki.issue_seal(VKN, _TITLE, key=key or self.key, label=uuid.uuid4().hex)
        )

    def unsigned(self, lines: list[tuple[str, str, str]] | None = None) -> bytes:
        """A canonical journal."""
        data = ledger_bytes(Kind.Y, lines)
        return data if self.instruction else _INSTRUCTION.sub(b"", data)

    def ledger(self, key: KeyKind | None = None) -> bytes:
        """A signed journal, in order in every respect."""
        return signed_raw(self.unsigned(), self.seal(key))

    def draft(self, key: KeyKind | None = None) -> Draft:
        """The same, to be taken apart."""
        return Draft(self.ledger(key))

    def berat(self, ledger: bytes, stated: str = "") -> bytes:
        """The signed berat of a signed journal; `stated` = the signature value that it states."""
        value = Draft(ledger).at("ds:SignatureValue").text
        name = DocumentName.parse(file_name(Kind.Y))
        place = self.folder / uuid.uuid4().hex
        source = store(place, name, ledger)
        signed = SignedFile(
            file=source, signature_value=value, signing_time=datetime.now(UTC),
            certificate_sha256="",
        )  # fmt: skip
        berat = build_berat(signed, place, ettn=uuid.uuid4()).path.read_bytes()
        assert value.encode() in berat
        if stated:
            berat = berat.replace(value.encode(), stated.encode())
        return signed_raw(berat if self.instruction else _INSTRUCTION.sub(b"", berat), self.seal())


Make = Callable[[Workshop], Made | bytes]


@dataclass(frozen=True, slots=True)
class Tampering:
    """One way to tamper with a document.

    Args:
        name: what was done.
        make: does it.
        no: the questions that our verifier must answer with no: these and no others.
        seen_by: the independent verifiers that refuse it; each of them, and no other.
        why: for those that nobody else can see: the reason.
    """

    name: str
    make: Make
    no: frozenset[Question]
    seen_by: frozenset[str]
    why: str = ""


def write(make: Make, workshop: Workshop, folder: Path) -> Path:
    """Make a document and write it into a folder of its own."""
    made = make(workshop)
    return (made if isinstance(made, Made) else Made(made)).write(folder)


def _swap(data: bytes, old: bytes | str, new: bytes | str, count: int = 1) -> bytes:
    before, after = (x.encode() if isinstance(x, str) else x for x in (old, new))
    assert before in data, before
    return data.replace(before, after, count)


def _swapped(old: bytes | str, new: bytes | str) -> Make:
    return lambda w: _swap(w.ledger(), old, new)


# the content, after signing -------------------------------------------------------------------
def _amount(w: Workshop) -> bytes:
    data = w.ledger()
    found = w.rng.choice(list(re.finditer(rb">18\.00</gl-cor:amount>", data)))
    return data[: found.start()] + b">81.00" + data[found.start() + 6 :]


def _space(w: Workshop) -> bytes:
    data = w.ledger()
    content = data.index(b"<ds:Signature ")
    places = [m.start() + 1 for m in re.finditer(rb"><(?=xbrli|gl-|/)", data) if m.end() < content]
    at = w.rng.choice(places)
    return data[:at] + w.rng.choice([b" ", b"\n", b"\t"]) + data[at:]


def _reordered(w: Workshop) -> bytes:
    draft = w.draft()
    first = draft.root.find(".//{*}entryDetail")
    first.getparent().append(first)
    return draft.bytes()


def _commented_out(w: Workshop) -> bytes:
    data = w.ledger()
    start = data.index(b"<gl-cor:entryDetail>")
    end = data.index(b"</gl-cor:entryDetail>") + len(b"</gl-cor:entryDetail>")
    return data[:start] + b"<!--" + data[start:end] + b"-->" + data[end:]


def _instruction(w: Workshop) -> bytes:
    """Changed where there is one, put in where there is none."""
    data = w.ledger()
    if w.instruction:
        return _swap(data, b'.xslt"?>', b'.xslu"?>')
    return _swap(data, DECLARATION, DECLARATION + b'<?xml-stylesheet href="x.xslt"?>\n')


def _instruction_removed(w: Workshop) -> bytes:
    data = w.ledger()
    if w.instruction:
        return _INSTRUCTION.sub(b"", data)
    return _swap(data, DECLARATION, DECLARATION + b"<?edefter?>\n")


# the signature as a whole ---------------------------------------------------------------------
def _removed(w: Workshop) -> bytes:
    draft = w.draft()
    return DECLARATION + etree.tostring(draft.content(), method="c14n")


def _moved(w: Workshop) -> bytes:
    draft = w.draft()
    draft.root[0].append(draft.signature)
    return draft.bytes()


def _doubled(w: Workshop) -> bytes:
    data = w.ledger()
    start, end = data.index(b"<ds:Signature "), data.index(b"</edefter:defter>")
    return data[:end] + data[start:end] + data[end:]


def _of_another(w: Workshop) -> bytes:
    mine = w.unsigned([("320", "C", "9999.99"), ("100", "D", "9999.99")])
    other = w.ledger()
    start, end = other.index(b"<ds:Signature "), other.index(b"</edefter:defter>")
    return mine.replace(b"</edefter:defter>", other[start:end] + b"</edefter:defter>")


def _nested(w: Workshop) -> bytes:
    """The signed document whole in an extension of a forged one."""
    forged = Draft(w.unsigned([("320", "C", "9999.99"), ("100", "D", "9999.99")]))
    forged.root.append(w.draft().root)
    return forged.bytes()


def _by_id(w: Workshop) -> bytes:
    """The reference leads to the true content in an extension; forged content stands at the top."""
    draft, other = w.draft(), Draft(w.unsigned([("320", "C", "9999.99"), ("100", "D", "9999.99")]))
    true = draft.root[0]
    true.set("Id", "icerik")
    holder = element("<ds:Object/>")
    draft.signature.append(holder)
    draft.root.insert(0, other.root[0])
    holder.append(true)
    draft.references[0].set("URI", "#icerik")
    transforms = draft.references[0].find("ds:Transforms", {"ds": DS})
    draft.references[0].remove(transforms)
    return draft.sealed(w.seal())


def _wrapped_properties(same_id: bool) -> Make:
    """The signed SignedProperties in a second Object; forged ones, not signed, in their place."""

    def make(w: Workshop) -> bytes:
        draft = w.draft()
        data, signed = draft.bytes(), draft.properties
        text = etree.tostring(signed, method="c14n").decode()
        identifier = signed.get("Id")
        forged = re.sub(r">20\d\d-", ">2020-", text, count=1)
        if not same_id:
            forged = forged.replace(f'Id="{identifier}"', 'Id="sahte"')
        start = data.index(b"<xades:SignedProperties ")
        end = data.index(b"</xades:SignedProperties>") + len(b"</xades:SignedProperties>")
        extra = (
            b"<ds:Object><xades:QualifyingProperties>" + data[start:end]
            + b"</xades:QualifyingProperties></ds:Object>"
        )  # fmt: skip
        plain = re.sub(r' xmlns:[\w-]+="[^"]*"', "", forged)
        done = data[:start] + plain.encode() + data[end:]
        return _swap(done, b"</ds:Object></ds:Signature>", b"</ds:Object>" + extra
                     + b"</ds:Signature>")  # fmt: skip

    return make


def _unsigned_content(w: Workshop) -> bytes:
    """A forged entry where a reader that searches the whole document would find it."""
    data = w.ledger()
    start = data.index(b"<gl-cor:entryHeader>")
    end = data.index(b"</gl-cor:entryHeader>") + len(b"</gl-cor:entryHeader>")
    entry = data[start:end].replace(
        b"<gl-cor:entryHeader>",
        b'<gl-cor:entryHeader xmlns:gl-cor="http://www.xbrl.org/int/gl/cor/2006-10-25">',
    )
    entry = entry.replace(b"18.00", b"9999.99")
    added = b"</ds:Object><ds:Object>" + entry + b"</ds:Object></ds:Signature>"
    return _swap(data, b"</ds:Object></ds:Signature>", added)


def _second_properties(w: Workshop) -> bytes:
    draft = w.draft()
    draft.properties.addprevious(
        element(
            "<xades:SignedProperties><xades:SignedSignatureProperties><xades:SigningTime>"
            "2020-01-01T00:00:00+03:00</xades:SigningTime></xades:SignedSignatureProperties>"
            "</xades:SignedProperties>"
        )
    )
    return draft.bytes()


def _duplicate_id(w: Workshop) -> bytes:
    draft = w.draft()
    identifier = draft.properties.get("Id")
    draft.root.find(".//{*}entity").set("Id", identifier)
    return draft.sealed(w.seal(), digests={1: _digest(draft.properties)})


def _digest(node: Any) -> bytes:
    return hashlib.sha256(etree.tostring(node, method="c14n")).digest()


# the signer's own choices: the value fits, what it covers does not -------------------------------
def _resealed(change: Callable[[Draft, Workshop], None], **options: Any) -> Make:
    """Change a signed document, then digest and sign anew by the same seal."""

    def make(w: Workshop) -> bytes:
        key = options.get("key")
        draft = w.draft(key)
        change(draft, w)
        return draft.sealed(w.seal(key), digests=options.get("digests"))

    return make


def _reference(uri: str) -> Make:
    return _resealed(lambda d, w: d.add_reference(uri))


def _uncovered(d: Draft, w: Workshop) -> None:
    d.at("ds:SignedInfo").remove(d.references[0])


def _covered_twice(d: Draft, w: Workshop) -> None:
    d.add_reference("", [ENVELOPED])


def _other_element(d: Draft, w: Workshop) -> None:
    d.references[0].set("URI", f"#{d.at('ds:SignatureValue').get('Id')[:-6]}-Bilgi")
    d.at("ds:KeyInfo").set("Id", d.references[0].get("URI")[1:])
    d.references[0].remove(d.references[0].find("ds:Transforms", {"ds": DS}))


def _not_enveloped(d: Draft, w: Workshop) -> None:
    d.references[0].remove(d.references[0].find("ds:Transforms", {"ds": DS}))


def _transformed(transform: str, digest: Callable[[Draft], bytes]) -> Make:
    def make(w: Workshop) -> bytes:
        draft = w.draft()
        draft.references[0].find("ds:Transforms", {"ds": DS}).append(element(transform))
        return draft.sealed(w.seal(), digests={0: digest(draft)})

    return make


def _without_amounts(draft: Draft) -> bytes:
    content = draft.content()
    for amount in content.getroot().findall(".//{*}amount"):
        amount.getparent().remove(amount)
    return hashlib.sha256(etree.tostring(content, method="c14n")).digest()


_NO_AMOUNTS = (
    f'<ds:Transform Algorithm="{XPATH}"><ds:XPath'
    ' xmlns:gl-cor="http://www.xbrl.org/int/gl/cor/2006-10-25">'
    "not(ancestor-or-self::gl-cor:amount)</ds:XPath></ds:Transform>"
)
_CONSTANT = (
    f'<ds:Transform Algorithm="{XSLT}"><xsl:stylesheet version="1.0"'
    ' xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:output method="text"/>'
    '<xsl:template match="/">hep ayni</xsl:template></xsl:stylesheet></ds:Transform>'
)


def _properties_unsigned(d: Draft, w: Workshop) -> None:
    d.at("ds:SignedInfo").remove(d.references[1])


def _properties_type(d: Draft, w: Workshop) -> None:
    d.references[1].set("Type", "http://ornek.invalid/baska")


def _set(path: str, text: Callable[[Any], str]) -> Callable[[Draft, Workshop], None]:
    def change(d: Draft, w: Workshop) -> None:
        node = d.at(path)
        node.text = text(node)

    return change


_CERT = (
    "ds:Object/xades:QualifyingProperties/xades:SignedProperties/xades:SignedSignatureProperties"
    "/xades:SigningCertificate/xades:Cert"
)
_TIME = (
    "ds:Object/xades:QualifyingProperties/xades:SignedProperties/xades:SignedSignatureProperties"
    "/xades:SigningTime"
)
_X509 = "ds:KeyInfo/ds:X509Data/ds:X509Certificate"


def _signed_by(variant: Variant, key: KeyKind | None = None) -> Make:
    return lambda w: signed_raw(w.unsigned(), w.seal(key, variant))


def _in_future(w: Workshop) -> bytes:
    return signed_raw(w.unsigned(), w.seal(), when=datetime.now(UTC) + timedelta(days=2))


def _before_certificate(w: Workshop) -> bytes:
    return signed_raw(w.unsigned(), w.seal(), when=datetime.now(UTC) - timedelta(days=30))


def _time_changed(w: Workshop) -> bytes:
    return _swap(w.ledger(), b"+03:00</xades:SigningTime>", b"+04:00</xades:SigningTime>")


# certificate and key --------------------------------------------------------------------------
def _certificate_text(seal: ForgersSeal) -> str:
    return b64(seal.certificate.public_bytes(Encoding.DER))


def _other_certificate(w: Workshop) -> bytes:
    """Another certificate of the same key: what the signature value cannot tell."""
    own = w.seal()
    other = w.pki.issue(
        own.certificate.subject, own.key, "seal-ca",
        key_usage=own.certificate.extensions.get_extension_for_class(x509.KeyUsage).value,
    )  # fmt: skip
    draft = w.draft()
    draft.at(_X509).text = b64(other.public_bytes(Encoding.DER))
    return draft.bytes()


def _other_key(w: Workshop) -> bytes:
    draft = w.draft()
    draft.at(_X509).text = _certificate_text(w.other_seal())
    return draft.bytes()


def _key_value(w: Workshop) -> bytes:
    draft, other = w.draft(), Draft(signed_raw(w.unsigned(), w.other_seal()))
    mine = draft.at("ds:KeyInfo/ds:KeyValue")
    mine.getparent().replace(mine, other.at("ds:KeyInfo/ds:KeyValue"))
    return draft.bytes()


def _method(
    method: str, value: Callable[[ForgersSeal, bytes], bytes], key: KeyKind | None = None
) -> Make:
    """Signed by another method, or with a value of another form."""

    def make(w: Workshop) -> bytes:
        draft, seal = w.draft(key), w.seal(key)
        if method:
            draft.at("ds:SignedInfo/ds:SignatureMethod").set("Algorithm", method)
        return draft.sealed(seal, value=lambda info: value(seal, info))

    return make


def _hmac(seal: ForgersSeal, info: bytes) -> bytes:
    """The public key as the secret: what a verifier takes that lets the file choose the method."""
    secret = seal.certificate.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    return hmac.digest(secret, info, "sha256")


def _wide(seal: ForgersSeal, info: bytes) -> bytes:
    value = seal.sign(info)
    return b"\x00" + value[:48] + b"\x00" + value[48:]


def _commented(path: str, *, resign: bool) -> Make:
    def make(w: Workshop) -> bytes:
        draft = w.draft()
        node = draft.at(path)
        text = node.text
        node.text, note = text[:8], etree.Comment(" x ")
        note.tail = text[8:]
        node.append(note)
        if not resign:
            return draft.bytes()
        info = etree.tostring(draft.at("ds:SignedInfo"), method="c14n", with_comments=True)
        draft.at("ds:SignatureValue").text = b64(w.seal().sign(info))
        return draft.bytes()

    return make


def _entity(w: Workshop) -> bytes:
    data = _swap(w.ledger(), b"46.90.04", b"&kod;")
    start = data.index(b"<edefter:defter ")
    return data[:start] + b'<!DOCTYPE x [<!ENTITY kod "46.90.04">]>\n' + data[start:]


def _revoked(w: Workshop) -> Made:
    data = signed_raw(w.unsigned(), w.seal(variant="revoked"))
    moment = datetime.now(UTC)
    answer = Answer("crl", certificate_list(w.pki, "seal-ca", moment, {}))
    evidence = Evidence(
        documents={file_name(Kind.Y): hashlib.sha256(data).hexdigest()}, answers=(answer,),
        gathered_at=moment,
    )  # fmt: skip
    name = file_name(Kind.Y).removesuffix(".xml") + SUFFIX
    return Made(data, beside={name: evidence_bytes(evidence)})


# other documents and other signers --------------------------------------------------------------
def _another_ledger(w: Workshop) -> Made:
    ledger = w.ledger()
    other = signed_raw(w.unsigned([("320", "C", "9.99"), ("100", "D", "9.99")]), w.seal())
    value = Draft(other).at("ds:SignatureValue").text
    return Made(w.berat(ledger, value), Kind.YB, beside={file_name(Kind.Y): ledger})


def _stamp_of_another(w: Workshop) -> bytes:
    other = signed_raw(w.unsigned([("320", "C", "9.99"), ("100", "D", "9.99")]), w.seal())
    return with_stamp(w.ledger(), time_stamp(w.pki, stamped_value(other)))


def _strange_stamp(w: Workshop) -> bytes:
    stranger = SandboxPki(w.pki.folder / "unknown-root")
    data = w.ledger()
    return with_stamp(data, time_stamp(stranger, stamped_value(data)))


def _countersigned_other(w: Workshop) -> Made:
    """GİB's counter-signature belongs to another value of the same Id."""
    berat = w.berat(w.ledger())
    value = Draft(berat).at("ds:SignatureValue").text
    other = b64(base64.b64decode(value)[::-1])
    signed = countersign(_swap(berat, value, other), opened(w.pki.gib_seal()))
    return Made(_swap(signed, other, value), Kind.YB, approved=True)


def single_quoted(w: Workshop) -> bytes:
    """Attributes in single quotes, and a signer who hashed those bytes as they lay there."""
    unsigned = w.unsigned()
    spelling = re.sub(rb'(contextRef|decimals|unitRef|id)="([^"]*)"', rb"\1='\2'", unsigned)
    assert spelling != unsigned
    return signed_raw(unsigned, w.seal(), spelling=spelling)


_Q = Question


def _no(*questions: Question) -> frozenset[Question]:
    return frozenset(questions)


def _seen(*names: str) -> frozenset[str]:
    return frozenset(names)


_SIGNERS_CHOICE = "XML-DSig lets the signer choose what is referenced; the profile does not"
_XADES = "xmlsec1 and the JDK do not read XAdES; of it, signxml compares CertDigest alone"
_UNSIGNED = "XML-DSig lets everything stand in ds:Object, signed or not; readers have to beware"
_USAGE = "key usage is no matter of XML-DSig, and OpenSSL knows no purpose for a mali mühür"
_NUMBER = "whose document it is, only e-Defter's file name and subject layout say"
_LINK = "each document is in order by itself; that they belong together is e-Defter's rule"

TAMPERINGS: tuple[Tampering, ...] = (
    # what was signed is changed
    Tampering("an amount changed", _amount, _no(_Q.INTEGRITY), ALL),
    Tampering("one Turkish letter changed", _swapped("Şişe", "Şise"), _no(_Q.INTEGRITY), ALL),
    Tampering(
        "an attribute changed", _swapped('_context">iso639', '_contexu">iso639'),
        _no(_Q.INTEGRITY), ALL,
    ),
    Tampering("the instruction changed", _instruction, _no(_Q.INTEGRITY), BOTH),
    Tampering("the instruction removed", _instruction_removed, _no(_Q.INTEGRITY), BOTH),
    Tampering(
        "a namespace that nothing uses changed",
        _swapped("http://www.xbrl.org/2005/iso639", "http://www.xbrl.org/2005/iso638"),
        _no(_Q.INTEGRITY), ALL,
    ),
    Tampering("white space added", _space, _no(_Q.INTEGRITY), ALL),
    Tampering("a carriage return lost", _swapped("&#xD;\n", "\n"), _no(_Q.INTEGRITY), ALL),
    Tampering("two lines in other order", _reordered, _no(_Q.INTEGRITY), ALL),
    Tampering("a line commented out", _commented_out, _no(_Q.INTEGRITY), ALL),
    # the signature as a whole
    Tampering("the signature removed", _removed, _no(_Q.STRUCTURE), ALL),
    Tampering("the signature moved", _moved, _no(_Q.STRUCTURE), ALL),
    Tampering("the signature doubled", _doubled, _no(_Q.STRUCTURE), ALL),
    Tampering("the signature of another document", _of_another, _no(_Q.INTEGRITY), ALL),
    # wrapping
    Tampering("the signed document inside a forged one", _nested, _no(_Q.STRUCTURE), ALL),
    Tampering("signed content by Id, forged content at the top",
              _by_id, _no(_Q.STRUCTURE), NOBODY, _SIGNERS_CHOICE),
    Tampering(
        "forged SignedProperties, the signed ones elsewhere", _wrapped_properties(False),
        _no(_Q.STRUCTURE), _seen(SIGNXML),
    ),
    Tampering(
        "forged SignedProperties with the Id of the signed ones", _wrapped_properties(True),
        _no(_Q.STRUCTURE), ALL,
    ),
    Tampering("ledger content in an Object, added after signing", _unsigned_content,
              _no(_Q.STRUCTURE), NOBODY, _UNSIGNED),
    Tampering("a stranger among the parts of the signature",
              _swapped("</ds:Signature>", "<ds:Ek>9999.99</ds:Ek></ds:Signature>"),
              _no(_Q.STRUCTURE), ALL),
    Tampering("a second SignedProperties", _second_properties, _no(_Q.STRUCTURE), _seen(SIGNXML)),
    Tampering("an Id twice", _duplicate_id, _no(_Q.STRUCTURE), _seen(SIGNXML)),
    # references and transforms
    Tampering(
        "a reference to another file", _reference("http://ornek.invalid/a.xml"),
        _no(_Q.STRUCTURE), ALL,
    ),
    Tampering("a reference to KeyInfo in place of the document", _resealed(_other_element),
              _no(_Q.STRUCTURE), NOBODY, _SIGNERS_CHOICE),
    Tampering("no reference to the document",
              _resealed(_uncovered), _no(_Q.INTEGRITY), _seen(SIGNXML)),
    Tampering("two references to the document", _resealed(_covered_twice),
              _no(_Q.INTEGRITY), _seen(SIGNXML)),
    Tampering("no enveloped-signature transform", _resealed(_not_enveloped),
              _no(_Q.STRUCTURE), ALL),
    Tampering("an XPath transform that leaves the amounts out",
              _transformed(_NO_AMOUNTS, _without_amounts), _no(_Q.STRUCTURE), _seen(SIGNXML)),
    Tampering("an XSLT transform that gives the same for every document",
              _transformed(_CONSTANT, lambda d: hashlib.sha256(b"hep ayni").digest()),
              _no(_Q.STRUCTURE), _seen(JDK, SIGNXML)),
    Tampering("a base64 transform",
              _transformed(f'<ds:Transform Algorithm="{DS}base64"/>',
                           lambda d: hashlib.sha256(b"").digest()),
              _no(_Q.STRUCTURE), ALL),
    # XAdES properties
    Tampering("SignedProperties not signed", _resealed(_properties_unsigned),
              _no(_Q.PROPERTIES), _seen(SIGNXML)),
    Tampering("another Type of their reference", _resealed(_properties_type),
              _no(_Q.PROPERTIES), NOBODY, _XADES),
    Tampering("SigningTime changed", _time_changed, _no(_Q.INTEGRITY), ALL),
    Tampering("SigningTime in the future", _in_future, _no(_Q.TIME), NOBODY, _XADES),
    Tampering("SigningTime before the certificate", _before_certificate,
              _no(_Q.TIME, _Q.CHAIN), NOBODY, _XADES),
    Tampering("CertDigest of something else",
              _resealed(_set(f"{_CERT}/xades:CertDigest/ds:DigestValue",
                             lambda n: b64(hashlib.sha256(b"x").digest()))),
              _no(_Q.BINDING), _seen(SIGNXML)),
    Tampering("IssuerSerial with another serial",
              _resealed(_set(f"{_CERT}/xades:IssuerSerial/ds:X509SerialNumber",
                             lambda n: n.text + "1")),
              _no(_Q.BINDING), NOBODY, _XADES),
    Tampering("IssuerSerial with another issuer",
              _resealed(_set(f"{_CERT}/xades:IssuerSerial/ds:X509IssuerName",
                             lambda n: n.text.replace("Mali", "Bali"))),
              _no(_Q.BINDING), NOBODY, _XADES),
    # key and value
    Tampering("another certificate of the same key",
              _other_certificate, _no(_Q.BINDING), _seen(SIGNXML)),
    Tampering("the certificate of another key", _other_key, _no(_Q.BINDING, _Q.VALUE), ALL),
    Tampering("KeyValue of another key", _key_value, _no(_Q.BINDING), _seen(SIGNXML)),
    Tampering("a signature with SHA-1",
              _method(f"{DS}rsa-sha1", lambda s, i: s.sha1(i), "rsa"),
              _no(_Q.VALUE), _seen(JDK, SIGNXML)),
    Tampering("RSA with 1024 bits", _signed_by("rsa-1024", "rsa"), _no(_Q.VALUE), _seen(OPENSSL)),
    Tampering("HMAC with the public key as the secret",
              _method(f"{MORE}hmac-sha256", _hmac), _no(_Q.VALUE), ALL),
    Tampering("an ECDSA value as DER", _method("", lambda s, i: s.der(i), "ec"),
              _no(_Q.VALUE), ALL),
    Tampering("an ECDSA value of zeros", _method("", lambda s, i: bytes(96), "ec"),
              _no(_Q.VALUE), ALL),
    Tampering("an ECDSA value that is too wide", _method("", _wide, "ec"), _no(_Q.VALUE), ALL),
    Tampering("a comment inside DigestValue",
              _commented("ds:SignedInfo/ds:Reference/ds:DigestValue", resign=True),
              _no(_Q.STRUCTURE), _seen(JDK, SIGNXML)),
    Tampering("a comment inside SignatureValue", _commented("ds:SignatureValue", resign=False),
              _no(_Q.STRUCTURE), _seen(SIGNXML)),
    Tampering("an entity in a document type declaration", _entity, _no(_Q.STRUCTURE), ALL),
    # who signed
    Tampering("the encryption certificate",
              _signed_by("encryption"), _no(_Q.KEY_USAGE), NOBODY, _USAGE),
    Tampering("a certificate expired at signing", _signed_by("expired"),
              _no(_Q.TIME, _Q.CHAIN), _seen(XMLSEC1, SIGNXML, OPENSSL)),
    Tampering("a certificate not yet valid", _signed_by("not-yet-valid"),
              _no(_Q.TIME, _Q.CHAIN), _seen(XMLSEC1, SIGNXML, OPENSSL)),
    Tampering("a revoked certificate", _revoked, _no(_Q.REVOCATION), _seen(OPENSSL)),
    Tampering("a certificate of an unknown root", _signed_by("unknown-root"),
              _no(_Q.CHAIN), _seen(XMLSEC1, OPENSSL)),
    Tampering("a certificate that its CA signed with SHA-1", _signed_by("sha1"),
              _no(_Q.CHAIN), _seen(OPENSSL)),
    Tampering("a seal of another taxpayer",
              _signed_by("wrong-vkn"), _no(_Q.OWNER), NOBODY, _NUMBER),
    # between documents, and what is added later
    Tampering("a berat of another ledger", _another_ledger, _no(_Q.LINKS), NOBODY, _LINK),
    Tampering("a time stamp of another signature",
              _stamp_of_another, _no(_Q.TIMESTAMP), _seen(OPENSSL)),
    Tampering("a time stamp of an unknown authority",
              _strange_stamp, _no(_Q.TIMESTAMP), _seen(OPENSSL)),
    Tampering("a counter-signature of another value", _countersigned_other,
              _no(_Q.COUNTERSIGNATURE), _seen(XMLSEC1)),
    Tampering(SINGLE_QUOTED, single_quoted,
              _no(_Q.INTEGRITY), ALL),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Control:
    """The same document in other spelling: every verifier must accept it.

    Args:
        name: what was done.
        make: does it.
    """

    name: str
    make: Make


def _every_line_break(w: Workshop) -> bytes:
    return w.ledger().replace(b"\n", b"\r\n")


def _other_spelling(w: Workshop) -> bytes:
    data = re.sub(rb'(contextRef|decimals|unitRef)="([^"]*)"', rb" \1 = '\2' ", w.ledger())
    return _swap(data, b"></link:schemaRef>", b"/>")


CONTROLS: tuple[Control, ...] = (
    Control("nothing done", lambda w: w.ledger()),
    Control("every LF made CR LF (FTP text mode)", _every_line_break),
    Control("a byte order mark", lambda w: b"\xef\xbb\xbf" + w.ledger()),
    Control("letters as character references", _swapped("Şişe", "&#350;i&#x15F;e")),
    Control("single quotes, blanks, empty-element tags", _other_spelling),
    Control("a comment added", _swapped("<gl-cor:accountingEntries>",
                                        "<!-- not --><gl-cor:accountingEntries>")),
    Control("text as CDATA", _swapped("46.90.04", "<![CDATA[46.90.04]]>")),
    Control("white space behind the root", lambda w: w.ledger() + b"\n\n"),
)  # fmt: skip
