"""The upload channel (4443): tus 1.0.0 with creation, expiration, checksum and termination."""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Any, ClassVar

from edefter.sandbox.portal import archives
from edefter.sandbox.portal.control import LIMITS
from edefter.sandbox.portal.http import CutConnection, Handler, ProblemAnswer
from edefter.sandbox.portal.storage import Document, token_hash

VERSION = "1.0.0"


class UploadHandler(Handler):
    """Serves the upload channel; a client certificate was demanded in the handshake."""

    channel: ClassVar[str] = "upload"
    prefix: ClassVar[str] = "/files"

    def extra_headers(self) -> dict[str, str]:
        """tus wants its version in every answer."""
        return {"Tus-Resumable": VERSION}

    def discover(self) -> None:
        """OPTIONS /files/"""
        self.answer(204, None, {
            "Tus-Resumable": VERSION,
            "Tus-Version": VERSION,
            "Tus-Extension": "creation,expiration,checksum,termination",
            "Tus-Max-Size": str(LIMITS["max_file"]),
            "Tus-Checksum-Algorithm": "sha256",
        })  # fmt: skip

    def create(self) -> None:
        """POST /files/"""
        archive = self._authorise()
        length = self.headers.get("Upload-Length", "")
        metadata = _metadata(self.headers.get("Upload-Metadata", ""))
        if self.desk.knobs.take("disk_full_507"):
            raise ProblemAnswer("quota-exceeded", "no space left")
        if not length.isdigit() or int(length) != archive["size"]:
            raise ProblemAnswer("bad-metadata", "Upload-Length is not the declared size")
        if int(length) > LIMITS["max_file"] or self.desk.knobs.get("too_large"):
            raise ProblemAnswer("too-large", "the file is larger than allowed")
        wanted = {
            "archive_id": archive["id"], "sha256": archive["sha256"],
            "filename": archive["file_name"],
        }  # fmt: skip
        if any(metadata.get(name) != value for name, value in wanted.items()):
            raise ProblemAnswer("bad-metadata", "Upload-Metadata does not fit the declaration")
        with self.desk.storage.lock:
            if archive["state"] not in ("declared", "uploading"):
                raise ProblemAnswer("already-complete", "the upload is complete")
            upload = self._make(archive)
        location = str(self.desk.knobs.get("location") or f"{self.desk.upload_url}{upload['id']}")
        self.answer(201, None, {"Location": location, **self._standing(upload)})
        self.note["upload"] = upload["id"]

    def _make(self, archive: Document) -> Document:
        if archive.get("upload_id"):  # the answer to an earlier POST was lost
            found = self.desk.storage.get("uploads", archive["upload_id"])
            if found is not None:
                return found
        upload_id = uuid.uuid4().hex
        upload = {
            "id": upload_id,
            "archive": archive["id"],
            "size": archive["size"],
            "offset": 0,
            "expires_at": archive["expires_at"],
        }
        self.desk.storage.content(upload_id).write_bytes(b"")
        self.desk.storage.put("uploads", upload_id, upload)
        archives.change(
            self.desk, archive["id"],
            upload_id=upload_id, state="uploading",
        )  # fmt: skip
        if not archive["size"]:
            self._complete(upload)
        return upload

    def head(self) -> None:
        """HEAD /files/{id}; knob `head_smaller_by` bytes = acknowledged bytes are lost."""
        upload = self._upload()
        offset = upload["offset"]
        knob = self.desk.knobs.take("head_smaller_by")
        if knob is not None:
            offset = max(0, offset - int(knob["value"]))
        self.answer(200, None, {
            "Upload-Offset": str(offset),
            "Upload-Length": str(upload["size"]),
            "Cache-Control": "no-store",
            **self._standing(upload),
        })  # fmt: skip

    def patch(self) -> None:
        """PATCH /files/{id}"""
        upload = self._upload()
        if self.headers.get("Content-Type") != "application/offset+octet-stream":
            raise ProblemAnswer("bad-metadata", "Content-Type of tus is required")
        lock = self.desk.storage.writer(upload["id"])
        locked = self.desk.knobs.take("locked_423")
        if locked is not None or not lock.acquire(blocking=False):
            wait = (locked or {}).get("retry_after_s", 1)
            raise ProblemAnswer("upload-locked", "another writer is at it", retry_after=wait)
        try:
            self._receive(self._upload())
        finally:
            lock.release()

    def terminate(self) -> None:
        """DELETE /files/{id}"""
        upload = self._upload()
        self.desk.storage.remove("uploads", upload["id"])
        self.desk.storage.content(upload["id"]).unlink(missing_ok=True)
        archive = self.desk.storage.get("archives", upload["archive"])
        if archive and archive["state"] in ("declared", "uploading"):
            archives.change(self.desk, upload["archive"], state="expired")
        self.answer(204, None, self.extra_headers())

    # -- receiving -----------------------------------------------------------------------------

    def _receive(self, upload: Document) -> None:
        offset = upload["offset"]
        given = self.headers.get("Upload-Offset", "")
        if given != str(offset) or self.desk.knobs.take("wrong_offset_409"):
            raise ProblemAnswer("offset-conflict", f"the offset is {offset}")
        if offset + self.unread > upload["size"]:
            raise ProblemAnswer("too-large", "more than Upload-Length")
        if self.desk.knobs.take("disk_full_507"):
            raise ProblemAnswer("quota-exceeded", "no space left")
        checksum = _checksum(self.headers.get("Upload-Checksum"))
        self.note.update(upload=upload["id"], offset=offset)
        cut = self.desk.knobs.take("cut")
        digest, written = self._write(upload, cut)
        refuse = self.desk.knobs.take("checksum_460")
        if cut and cut.get("persist") != "after":
            raise CutConnection
        if (checksum and digest != checksum) or refuse:
            if refuse:
                self.note["forced"] = True
            raise ProblemAnswer("checksum-mismatch", "the chunk was dropped")
        upload["offset"] = offset + written
        self.desk.storage.put("uploads", upload["id"], upload)
        if upload["offset"] == upload["size"]:
            self._complete(upload)
        self.note["persisted_bytes"] = written
        if cut or self.desk.knobs.take("lose_answer"):
            raise CutConnection
        headers = {"Upload-Offset": str(upload["offset"]), **self._standing(upload)}
        self.answer(204, None, headers)

    def _write(self, upload: Document, cut: dict[str, Any] | None) -> tuple[bytes, int]:
        """Write the body behind the offset; returns digest and length.

        Nothing counts before the offset in the document moves: a chunk that breaks off is
        written over by the next one.
        """
        slow = float(self.desk.knobs.get("slow_read_s") or 0)
        limit = int(cut["after_bytes"]) if cut and "after_bytes" in cut else None
        digest, written = hashlib.sha256(), 0
        with self.desk.storage.content(upload["id"]).open("r+b") as sink:
            sink.seek(upload["offset"])
            sink.truncate()
            while block := self.read_block():
                digest.update(block)
                sink.write(block)
                written += len(block)
                if slow:
                    time.sleep(slow)
                if cut and cut.get("persist") != "after" and limit is not None and written >= limit:
                    raise CutConnection
        return digest.digest(), written

    def _complete(self, upload: Document) -> None:
        archives.change(
            self.desk, upload["archive"],
            state="uploaded", received_at=self.desk.now().isoformat(),
        )  # fmt: skip

    # -- who sends -----------------------------------------------------------------------------

    def _authorise(self) -> Document:
        """The archive that the upload token is bound to; the client certificate is its firm's."""
        if self.headers.get("Tus-Resumable") != VERSION:
            raise ProblemAnswer("version", "tus 1.0.0 only")
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        kept = token_hash(token)
        rows = self.desk.storage.all("archives")
        archive = next((row for row in rows if row.get("upload_token_hash") == kept), None)
        if scheme != "Bearer" or archive is None:
            raise ProblemAnswer("not-authorised", "unknown upload token")
        certificate: Any = self.connection.getpeercert()
        names = [
            value for part in certificate["subject"] for key, value in part if key == "commonName"
        ]
        unknown = self.desk.knobs.get("refuse_client_certificate") == "http"
        if unknown or names != [archive["firm"]]:
            raise ProblemAnswer("certificate-unknown", "the certificate is not the firm's")
        return archive

    def _upload(self) -> Document:
        archive = self._authorise()
        upload = self.desk.storage.get("uploads", self.parameters["id"])
        if upload is None or upload["archive"] != archive["id"]:
            raise ProblemAnswer("not-found", "no such upload")
        expired = datetime.fromisoformat(upload["expires_at"]) < self.desk.now()
        if expired or self.desk.knobs.take("expired_410"):
            archives.change(self.desk, archive["id"], state="expired")
            raise ProblemAnswer("upload-expired", "declare again")
        return upload

    def _standing(self, upload: Document) -> dict[str, str]:
        ends = datetime.fromisoformat(upload["expires_at"])
        return {**self.extra_headers(), "Upload-Expires": format_datetime(ends, usegmt=True)}

    routes: ClassVar[list[tuple[str, str, Callable[[Any], None]]]] = [
        ("OPTIONS", "", discover),
        ("POST", "", create),
        ("HEAD", "{id}", head),
        ("PATCH", "{id}", patch),
        ("PUT", "{id}", patch),  # by plain clients such as curl, with the headers of tus
        ("DELETE", "{id}", terminate),
    ]


def _metadata(header: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise ProblemAnswer("bad-metadata", "Upload-Metadata is not base64") from None
    return found


def _checksum(header: str | None) -> bytes | None:
    if not header:
        return None
    algorithm, _, value = header.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except binascii.Error:
        digest = b""
    if algorithm != "sha256" or len(digest) != 32:
        raise ProblemAnswer("bad-metadata", "Upload-Checksum is not a SHA-256")
    return digest
