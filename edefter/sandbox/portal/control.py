"""The control channel (443): token, firms, limits, archives, receipts (portal.md §4)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar

from cryptography import x509
from cryptography.x509.oid import NameOID

from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.portal import archives
from edefter.sandbox.portal.http import BLOCK_BYTES, Handler, ProblemAnswer
from edefter.sandbox.portal.storage import Document, file_sha256, token_hash

TOKEN_LIFE_S = 1800
MOST_SKEW_S = 300
LIMITS: dict[str, Any] = {
    "max_file": 2 * 1024**3,
    "chunk": {"default": 8 * 1024**2, "min": 1024**2, "max": 64 * 1024**2},
    "parallel": 3,
    "upload_life_s": 24 * 3600,
    "list_page": 500,
    "protocol_version": "1",
}
MONTHLY = ("Y", "YB", "GIB-YB", "K", "KB", "GIB-KB")
"""Kinds of which every part of a month has one (portal.md §9.2)."""
PACKAGE = re.compile(r"(\d{10,11})-(\d{6})-([A-Z][A-Z-]*)-(\d{6})(?:-(\d{4}))?", flags=re.ASCII)


class ControlHandler(Handler):
    """Serves the control channel."""

    channel: ClassVar[str] = "control"
    prefix: ClassVar[str] = "/api/v1"
    pki: ClassVar[SandboxPki]

    # -- who asks ------------------------------------------------------------------------------

    def token(self) -> None:
        """POST /token"""
        given = self.read_json()
        self._check_clock()
        key, secret = self.desk.credentials
        same_key = hmac.compare_digest(str(given.get("api_key", "")).encode(), key.encode())
        same_secret = hmac.compare_digest(
            str(given.get("api_secret", "")).encode(), secret.encode()
        )
        if self.desk.knobs.take("account_locked"):
            raise ProblemAnswer("account-locked", "too many failures")
        if not (same_key and same_secret):
            raise ProblemAnswer("bad-credentials", "API key or secret is wrong")
        life = int(self.desk.knobs.get("token_life_s") or TOKEN_LIFE_S)
        token, kept = self.desk.storage.new_token()
        ends = self.desk.now() + timedelta(seconds=life)
        document = {"api_key": key, "expires_at": ends.isoformat()}
        self.desk.storage.put("tokens", kept, document)
        self.answer(200, {"access_token": token, "expires_in": life, "token_type": "Bearer"})

    def _check_clock(self) -> None:
        header = self.headers.get("Date")
        if not header:
            return
        now = self.desk.now()
        try:
            skew = abs((parsedate_to_datetime(header) - now).total_seconds())
        except (ValueError, TypeError):
            return
        if skew > MOST_SKEW_S:
            raise ProblemAnswer("clock-skew", "clocks differ", server_time=now.isoformat())

    def authorise(self) -> None:
        """Demand a valid bearer token."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        found = self.desk.storage.get("tokens", token_hash(token))
        expired = self.desk.knobs.take("token_expired") is not None
        if scheme != "Bearer" or found is None or expired:
            raise ProblemAnswer("token-expired", "unknown or expired token")
        if datetime.fromisoformat(found["expires_at"]) < self.desk.now():
            self.desk.storage.remove("tokens", token_hash(token))
            raise ProblemAnswer("token-expired", "the token has expired")

    def firm(self) -> Document:
        """The registered firm named in the path."""
        found = self.desk.storage.get("firms", self.parameters["vkn"])
        if found is None:
            raise ProblemAnswer("firm-unknown", "the firm is not registered")
        if self.desk.knobs.get("firm_suspended"):
            raise ProblemAnswer("firm-suspended", "the firm is suspended")
        return found

    # -- firms ---------------------------------------------------------------------------------

    def put_firm(self) -> None:
        """PUT /firms/{vkn}"""
        self.authorise()
        given = self.read_json()
        vkn = self.parameters["vkn"]
        if not re.fullmatch(r"\d{10,11}", vkn, flags=re.ASCII) or not given.get("title"):
            raise ProblemAnswer("bad-metadata", "VKN/TCKN and title are required")
        if self.desk.knobs.get("firm_owned_elsewhere"):
            raise ProblemAnswer("firm-owned-elsewhere", "another account owns this firm")
        known = self.desk.storage.get("firms", vkn)
        answer: Document = {"vkn": vkn, "state": "active"}
        request = given.pop("client_certificate_request", None)
        if request:
            answer["client_certificate"] = self._issue(str(request), vkn)
        self.desk.storage.put("firms", vkn, {**(known or {}), **given, "vkn": vkn})
        self.answer(200 if known else 201, answer)

    def _issue(self, pem: str, vkn: str) -> str:
        try:
            request = x509.load_pem_x509_csr(pem.encode("ascii"))
            names = request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            if [name.value for name in names] != [vkn]:
                raise ProblemAnswer("bad-metadata", "the request is not for this firm")
            return self.pki.issue_client(request).decode("ascii")
        except (ValueError, x509.InvalidVersion) as error:
            raise ProblemAnswer("bad-metadata", f"PKCS#10: {error}") from None

    def get_firm(self) -> None:
        """GET /firms/{vkn}"""
        self.authorise()
        firm = self.firm()
        self.answer(200, {**firm, "state": "active", "limits": LIMITS})

    def get_limits(self) -> None:
        """GET /limits"""
        self.authorise()
        self.answer(200, LIMITS)

    def get_keys(self) -> None:
        """GET /keys"""
        self.answer(200, self.desk.office.keys())

    def get_period(self) -> None:
        """GET /firms/{vkn}/periods/{yyyymm}?branch="""
        self.authorise()
        firm = self.firm()
        period = self.parameters["period"]
        if not re.fullmatch(r"\d{4}(0[1-9]|1[0-2])", period, flags=re.ASCII):
            raise ProblemAnswer("bad-metadata", "the period is YYYYMM")
        branch = self.query.get("branch", "")
        rows = [
            row
            for row in self.desk.storage.all("archives")
            if (row["firm"], row["period"], row["branch"]) == (firm["vkn"], period, branch)
            and row["state"] in archives.SAFE
        ]
        held = {(row["part"], row["kind"]) for row in rows}
        parts = sorted({part for part, kind in held if kind in MONTHLY}) or ["000000"]
        expected = [(part, kind) for part in parts for kind in MONTHLY]
        missing = [pair for pair in expected if pair not in held]
        self.answer(200, {
            "period": period, "branch": branch, "complete": not missing, "deadline": None,
            "expected": [{"part": part, "kind": kind} for part, kind in expected],
            "missing": [{"part": part, "kind": kind} for part, kind in missing],
            "held": [
                {name: row[name] for name in ("file_name", "kind", "part", "size", "sha256")}
                for row in rows
            ],
        })  # fmt: skip

    # -- archives ------------------------------------------------------------------------------

    def declare(self) -> None:
        """POST /firms/{vkn}/archives"""
        self.authorise()
        self.firm()
        wanted = self._declaration(self.read_json())
        if self.headers.get("Idempotency-Key", wanted["sha256"]) != wanted["sha256"]:
            raise ProblemAnswer("bad-metadata", "Idempotency-Key is not the SHA-256")
        with self.desk.storage.lock:
            known = archives.current(self.desk, wanted)
            different = self.desk.knobs.take("different_content")
            if different or (known and known["sha256"] != wanted["sha256"]):
                held = known["sha256"] if known else hashlib.sha256(b"other").hexdigest()
                raise ProblemAnswer(
                    "different-content", "this package is held with other content",
                    existing_sha256=held, existing_state=known["state"] if known else "stored",
                )  # fmt: skip
            if known and known["state"] in archives.SAFE:
                self.answer(200, {"id": known["id"], "state": known["state"], **known["receipt"]})
                return
            fresh = known is None
            archive = known or archives.new(self.desk, wanted)
            answer: Document = {"id": archive["id"], "state": archive["state"]}
            if archive["state"] in ("declared", "uploading"):
                answer.update(self._upload_terms(archive))
            self.answer(201 if fresh else 200, answer)

    def _upload_terms(self, archive: Document) -> Document:
        token, kept = self.desk.storage.new_token()
        archive["upload_token_hash"] = kept
        self.desk.storage.put("archives", archive["id"], archive)
        return {
            # The creation address until the upload exists; ports may differ after a restart.
            "upload_url": self.desk.upload_url + archive.get("upload_id", ""),
            "upload_token": token,
            "expires_at": archive["expires_at"],
            "chunk": LIMITS["chunk"],
        }

    def _declaration(self, given: Document) -> Document:
        texts = ("package_id", "kind", "period", "branch", "part", "sha256", "file_name")
        if not all(isinstance(given.get(name), str) for name in texts):
            raise ProblemAnswer("bad-metadata", f"texts are required: {', '.join(texts)}")
        size = given.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise ProblemAnswer("bad-metadata", "size in bytes is required")
        if size > LIMITS["max_file"]:
            raise ProblemAnswer("too-large", "the file is larger than allowed")
        if not re.fullmatch(r"[0-9a-f]{64}", given["sha256"]):
            raise ProblemAnswer("bad-metadata", "sha256 is lower-case hex")
        match = PACKAGE.fullmatch(given["package_id"])
        said = (self.parameters["vkn"], given["period"], given["part"], given["branch"])
        if match is None or (match[1], match[2], match[4], match[5] or "") != said:
            raise ProblemAnswer("bad-package-name", "package id does not fit the declaration")
        kept = (
            *texts, "size", "members", "ledger_signature_digest", "created_at", "software",
        )  # fmt: skip
        return {"firm": self.parameters["vkn"], **{name: given.get(name) for name in kept}}

    def archive(self) -> Document:
        """The archive named in the path."""
        self.authorise()
        found = self.desk.storage.get("archives", self.parameters["id"])
        if found is None:
            raise ProblemAnswer("not-found", "no such archive")
        return found

    def get_archive(self) -> None:
        """GET /archives/{id}"""
        self.answer(200, _public(self.archive()))

    def finalize(self) -> None:
        """POST /archives/{id}/finalize"""
        archive = archives.finalize(self.desk, self.archive())
        if archive["state"] in archives.SAFE:
            self.answer(200, {"id": archive["id"], "state": archive["state"], **archive["receipt"]})
        else:
            self.answer(202, {"id": archive["id"], "state": archive["state"]}, {"Retry-After": "1"})

    def withdraw(self) -> None:
        """POST /archives/{id}/withdraw: marks as superseded, with a reason; erases nothing."""
        archive = self.archive()
        reason = self.read_json().get("reason")
        if not isinstance(reason, str) or not reason.strip():
            raise ProblemAnswer("bad-metadata", "a reason is required")
        if archive["state"] != "superseded":
            if archive["state"] not in archives.SAFE:
                raise ProblemAnswer("offset-conflict", "only what is stored can be withdrawn")
            archive = archives.change(
                self.desk, archive["id"], state="superseded", superseded_because=reason
            )
        self.answer(200, _public(archive))

    def get_receipt(self) -> None:
        """GET /archives/{id}/receipt"""
        archive = self.archive()
        if "receipt" not in archive:
            raise ProblemAnswer("not-found", "no receipt yet")
        self.answer(200, archive["receipt"])

    def get_receipts(self) -> None:
        """GET /firms/{vkn}/receipts?after_seq="""
        self.authorise()
        firm = self.firm()
        after = int(self.query.get("after_seq") or 0)
        rows = [row for row in self.desk.office.chain(firm["vkn"]) if row["seq"] > after]
        page = int(self.desk.knobs.get("page") or LIMITS["list_page"])
        self.answer(200, {"receipts": rows[:page], "more": len(rows) > page})

    def list_archives(self) -> None:
        """GET /firms/{vkn}/archives; knob `list` = omit (the last row, or `{"omit": id}`),
        duplicate or change-between-pages."""
        self.authorise()
        firm = self.firm()
        rows = [
            _public(row)
            for row in self.desk.storage.all("archives")
            if row["firm"] == firm["vkn"] and self._wanted(row)
        ]
        fault = self.desk.knobs.get("list")
        cursor = self.query.get("cursor", "")
        begin = int(base64.urlsafe_b64decode(cursor)) if cursor else 0
        if fault == "omit":
            rows = rows[:-1]
        elif isinstance(fault, dict) and "omit" in fault:
            rows = [row for row in rows if row["id"] != fault["omit"]]
        elif fault == "duplicate":
            rows = [*rows, *rows[-1:]]
        elif fault == "change-between-pages" and begin:
            rows = rows[1:]
        limit = min(int(self.query.get("limit") or LIMITS["list_page"]), LIMITS["list_page"])
        limit = int(self.desk.knobs.get("page") or limit)
        end = begin + limit
        following = base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(rows) else ""
        self.answer(200, {"archives": rows[begin:end], "next_cursor": following})

    def _wanted(self, row: Document) -> bool:
        for name in ("period", "kind", "state"):
            if self.query.get(name) and row[name] != self.query[name]:
                return False
        since = self.query.get("updated_since")
        return not since or row["updated_at"] >= since

    def verify(self) -> None:
        """POST /archives/{id}/verify: reread the copy; knob `verify_claims`: only say so."""
        archive = self.archive()
        sha256 = file_sha256(self._held(archive))
        if self.desk.knobs.get("verify_claims"):
            sha256 = archive["sha256"]
        if self.desk.knobs.get("verify_differs"):
            sha256 = hashlib.sha256(sha256.encode()).hexdigest()
        self.answer(200, {"sha256": sha256, "verified_at": self.desk.now().isoformat()})

    def download(self) -> None:
        """GET /archives/{id}/content; knob `download` = truncate, flip or cut."""
        archive = self.archive()
        path = self._held(archive)
        size = path.stat().st_size
        begin, end = self._range(size)
        fault = self.desk.knobs.take("download")
        how = fault["value"] if fault else ""
        length = end - begin
        told = max(0, length - 1) if how == "truncate" else length
        digest = base64.b64encode(bytes.fromhex(archive["sha256"])).decode()
        self.sent_status = 206 if length != size else 200
        self.send_response(self.sent_status)
        for name, value in {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(told),
            "Content-Range": f"bytes {begin}-{max(begin, end - 1)}/{size}",
            "ETag": f'"{archive["sha256"]}"',
            "Repr-Digest": f"sha-256=:{digest}:",
            "Accept-Ranges": "bytes",
        }.items():
            if name != "Content-Range" or self.sent_status == 206:
                self.send_header(name, value)
        self.end_headers()
        with path.open("rb") as source:
            source.seek(begin)
            rest = told // 2 if how == "cut" else told
            while rest:
                block = bytearray(source.read(min(BLOCK_BYTES, rest)))
                if how == "flip":
                    block[len(block) // 2] ^= 1
                self.wfile.write(block)
                rest -= len(block)
        if how == "cut":
            self.close_connection = True

    def _range(self, size: int) -> tuple[int, int]:
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if match is None or int(match[1]) >= size:
            return 0, size
        return int(match[1]), min(size, int(match[2]) + 1 if match[2] else size)

    def _held(self, archive: Document) -> Any:
        if archive["state"] not in (*archives.SAFE, "superseded"):
            raise ProblemAnswer("not-found", "not stored yet")
        return self.desk.storage.content(archive["upload_id"])

    routes: ClassVar[list[tuple[str, str, Callable[[Any], None]]]] = [
        ("POST", "token", token),
        ("GET", "keys", get_keys),
        ("GET", "limits", get_limits),
        ("PUT", "firms/{vkn}", put_firm),
        ("GET", "firms/{vkn}", get_firm),
        ("GET", "firms/{vkn}/periods/{period}", get_period),
        ("POST", "firms/{vkn}/archives", declare),
        ("GET", "firms/{vkn}/archives", list_archives),
        ("GET", "firms/{vkn}/receipts", get_receipts),
        ("GET", "archives/{id}", get_archive),
        ("POST", "archives/{id}/finalize", finalize),
        ("POST", "archives/{id}/withdraw", withdraw),
        ("GET", "archives/{id}/receipt", get_receipt),
        ("POST", "archives/{id}/verify", verify),
        ("GET", "archives/{id}/content", download),
    ]


def _public(archive: Document) -> Document:
    hidden = ("upload_token_hash", "receipt", "order", "signature_own", "signature_bound")
    shown = {key: value for key, value in archive.items() if key not in hidden}
    if "receipt" in archive:
        shown["receipt_url"] = f"/api/v1/archives/{archive['id']}/receipt"
    return shown
