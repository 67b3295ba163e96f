"""`validate`: from a stream of bytes to a report."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import IO, BinaryIO, cast

from lxml import etree

from edefter.model.documents import DocumentName, Kind
from edefter.model.files import Beginning
from edefter.model.finding import FindingLog, Layer, Place
from edefter.telling import told
from edefter.validation.judging.engine import Engine
from edefter.validation.judging.entries_proof import EntriesProof, Insertion
from edefter.validation.names import EDEFTER, readable
from edefter.validation.proof.lane import Lane
from edefter.validation.proof.witness import NotProven
from edefter.validation.reading.malformed import explain
from edefter.validation.reading.offsets import Offsets
from edefter.validation.reading.prolog import Prolog, is_plain_utf8, look
from edefter.validation.reading.reader import LONG_ENTRY_LINES, Reader
from edefter.validation.reading.trouble import TooLarge, Trouble
from edefter.validation.report import Report
from edefter.validation.schema.schema_check import SchemaCheck
from edefter.validation.schema.schema_set import schema
from edefter.validation.wording import cut

_WHOLE_ENTRY = 1_000_000  # families that need an entry's lines together
_TYPE_KINDS = {
    "defter": {"journal": Kind.Y, "ledger": Kind.K, "assets": Kind.E},
    "berat": {"journal": Kind.YB, "ledger": Kind.KB, "assets": Kind.EB},
}


def validate(
    stream: BinaryIO,
    name: str,
    *,
    kind: Kind | None = None,
    signed: bool = True,
    own: bool = False,
    limit_per_rule: int = 100,
    fast: bool = True,
    gather: bool = False,
    proof: EntriesProof | None = None,
    insertion: Insertion | None = None,
    written: Beginning | None = None,
) -> Report:
    """Judge one e-Defter document by GİB's schema and rules and by our strict layer.

    Reads the stream once, in memory that does not grow with the number of entries. Only a document
    that has its head data after its entries is read a second time.

    Args:
        stream: the document's bytes, at its start.
        name: its file name (no folders); some rules compare it with the content.
        kind: whose rules to apply; None = as the file name says, else as the root says.
        signed: False before the document's own signature is put in.
        own: True makes findings of the strict layer errors, as for files we make.
        limit_per_rule: findings kept of each rule (≥ 1); all are counted.
        fast: False sends every entry through the parser; the report is the same, only later.
        gather: also give what comparisons with other documents, and a second look at this one,
            need (`Report.reading`, `proof`, `sha256`).
        proof: `Report.proof` of this ledger before its signature was put in; if the file begins
            with the very bytes that it speaks of, their entries are not judged once more.

    Returns:
        the report; broken, hostile or foreign documents are findings, never exceptions.

    Raises:
        FileNotFoundError: the installation lacks its schema files.
        ValueError: `limit_per_rule` below 1.
    """
    if limit_per_rule < 1:
        raise ValueError(f"at least one finding of each rule is kept: {limit_per_rule}")
    run = _Run(name, kind, signed, own, limit_per_rule, fast, gather, insertion, written)
    try:
        if proof is not None and stream.seekable():
            start = stream.tell()
            try:
                return run.judge(stream, proof)
            except NotProven:
                stream.seek(start)
        return run.judge(stream)
    except OSError as problem:
        return run.failed("unreadable", "XML", detail=cut(str(problem)))


class _Run:
    def __init__(
        self,
        name: str,
        kind: Kind | None,
        signed: bool,
        own: bool,
        limit_per_rule: int,
        fast: bool,
        gather: bool,
        insertion: Insertion | None,
        written: Beginning | None,
    ) -> None:
        self._name = name
        self._kind = kind
        self._signed = signed
        self._own = own
        self._limit = limit_per_rule
        self._fast = fast
        self._gather = gather
        self._insertion = insertion
        self._written = written
        self._columns: Callable[[int], int] = lambda _: 0
        self._schemas = schema(signed)

    def judge(self, stream: BinaryIO, proof: EntriesProof | None = None) -> Report:
        """Judge a stream.

        Raises:
            NotProven: it does not begin with the bytes of the proof.
        """
        self._kind = self._kind or _kind_of_name(self._name)
        prolog = look(stream, need_type=self._kind is None)
        if prolog.trouble is not None:
            return self._refused(prolog.trouble)
        self._kind = self._kind or _kind_of_content(prolog)
        again = _Again(stream, prolog.head)
        try:
            if self._kind is None:
                return self._well_formed_only(again, prolog)
            return self._pass(again, self._kind, proof)
        except etree.XMLSyntaxError as problem:
            return self._refused(explain(problem, prolog.head, self._columns))
        except TooLarge as stop:
            return self._refused(stop.trouble)
        finally:
            again.close()

    def _engine(
        self, kind: Kind, log: FindingLog, offsets: Offsets, known: Engine | None
    ) -> Engine:
        return Engine(
            self._name,
            kind,
            SchemaCheck(self._schemas, log, self._name, kind, offsets),
            offsets,
            signed=self._signed,
            own=self._own,
            limit_per_rule=self._limit,
            known=known.document if known is not None else None,
            gather=self._gather,
        )

    def _pass(self, stream: _Again, kind: Kind, proof: EntriesProof | None = None) -> Report:
        long_entry_lines = _WHOLE_ENTRY if kind is Kind.DR else LONG_ENTRY_LINES
        log, offsets = FindingLog(self._limit), Offsets()
        engine = self._engine(kind, log, offsets, None)
        reader = Reader(engine, offsets, long_entry_lines=long_entry_lines)
        if proof is not None and not self._fits(proof, kind):
            proof = None
        lane = Lane(
            reader,
            engine,
            enabled=self._fast and stream.is_plain_utf8,
            proving=self._gather,
            proof=proof,
            insertion=self._insertion,
            written=self._written,
        )
        self._columns = lane.unseen_columns
        root = lane.run(stream.first())
        if root.getroottree().docinfo.internalDTD is not None:
            return self.failed("dtd", "XML-DTD")  # one that the first look did not see
        clean = engine.is_clean and not log.total
        engine.finish(root, stream.size_bytes)
        again = engine.is_late or bool(reader.late_fields)
        sha256, before = lane.witness.hashes(stream.size_bytes)
        new = lane.witness.prove() if clean and not again and kind in (Kind.Y, Kind.K) else None
        if again:
            log, offsets = FindingLog(self._limit), Offsets()
            engine = self._engine(kind, log, offsets, engine)
            reader = Reader(
                engine, offsets, late_fields=reader.late_fields, long_entry_lines=long_entry_lines
            )
            engine.finish(reader.run(stream.second()), stream.size_bytes)
        schema_valid = not log.total
        evaluated = not engine.aborts.total
        log.merge(engine.aborts)
        if evaluated:
            log.merge(engine.official)
        log.merge(engine.strict)
        return Report(
            name=self._name,
            kind=kind,
            findings=log,
            evaluated=evaluated,
            well_formed=True,
            schema_valid=schema_valid,
            facts=engine.facts(stream.size_bytes),
            reading=engine.reading,
            proof=new if not log.total else None,
            sha256=sha256,
            sha256_before=before,
        )

    def _fits(self, proof: EntriesProof, kind: Kind) -> bool:
        same = (proof.name, proof.kind) == (self._name, kind)
        return same and (proof.reading is not None or not self._gather)

    def _well_formed_only(self, stream: _Again, prolog: Prolog) -> Report:
        self._pass(stream, Kind.Y)  # raises when it is no XML; the verdict itself means nothing
        return self.failed(
            "unknown_kind",
            "KIND",
            well_formed=True,
            file=self._name,
            root=readable(prolog.root),
        )

    def _refused(self, trouble: Trouble) -> Report:
        place = Place(file=self._name, xml_line=trouble.line)
        return self.failed(trouble.key, trouble.rule, place=place, **trouble.facts)

    def failed(
        self,
        key: str,
        rule: str,
        *,
        well_formed: bool = False,
        place: Place | None = None,
        **facts: object,
    ) -> Report:
        log = FindingLog(self._limit)
        log.add(
            told(
                f"validation.{key}",
                facts,
                rule=rule,
                layer=Layer.RUN if rule == "KIND" else Layer.SCHEMA,
                place=place or Place(file=self._name),
                kind=self._kind,
            )
        )
        return Report(
            name=self._name,
            kind=self._kind,
            findings=log,
            evaluated=False,
            well_formed=well_formed,
            schema_valid=False,
        )


class _Again:
    """Reads a stream, and a second time when asked: by seeking, else from a spooled copy."""

    def __init__(self, stream: BinaryIO, head: bytes) -> None:
        self._stream = stream
        self._head = head
        self.is_plain_utf8 = is_plain_utf8(head)
        self._copy: IO[bytes] | None = None
        self._start = stream.tell() - len(head) if stream.seekable() else None
        if self._start is None:
            self._copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self.size_bytes = 0

    def first(self) -> Callable[[int], bytes]:
        rest = self._head

        def feed(size: int) -> bytes:
            nonlocal rest
            chunk, rest = (rest, b"") if rest else (self._stream.read(size), b"")
            self.size_bytes += len(chunk)
            if self._copy is not None:
                self._copy.write(chunk)
            return chunk

        return feed

    def second(self) -> Callable[[int], bytes]:
        if self._copy is not None:
            self._copy.seek(0)
            return self._copy.read
        self._stream.seek(cast(int, self._start))
        return self._stream.read

    def close(self) -> None:
        if self._copy is not None:
            self._copy.close()


def _kind_of_name(name: str) -> Kind | None:
    try:
        return DocumentName.parse(name).kind
    except ValueError:
        return None


def _kind_of_content(prolog: Prolog) -> Kind | None:
    space, _, local = prolog.root.lstrip("{").partition("}")
    if space != EDEFTER:
        return None
    if local == "defterraporu":
        return Kind.DR
    return _TYPE_KINDS.get(local, {}).get(prolog.entries_type)
