"""Life of an archive: declared → uploading → uploaded → verifying → stored → replicated."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import datetime, timedelta

from edefter.sandbox.portal.http import Desk, ProblemAnswer
from edefter.sandbox.portal.storage import Document
from edefter.sandbox.portal.verification import Refused, check_content, check_pairs

SAFE = ("stored", "replicated", "notified")
OVER = ("rejected", "expired", "superseded")
SITES = ["sandbox-ankara", "sandbox-izmir"]
UPLOAD_LIFE_S = 24 * 3600
PATIENCE_S = 2.0


def current(desk: Desk, wanted: Document) -> Document | None:
    """The living archive of the same firm, package and kind."""
    for row in reversed(desk.storage.all("archives")):
        same = all(row[name] == wanted[name] for name in ("firm", "package_id", "kind"))
        if same and not _expired(desk, row) and row["state"] not in OVER:
            return row
    return None


def new(desk: Desk, wanted: Document) -> Document:
    """Take a declaration in; call under the storage lock."""
    now = desk.now()
    life = float(desk.knobs.get("upload_life_s") or UPLOAD_LIFE_S)
    archive = {
        **wanted,
        "id": uuid.uuid4().hex,
        "order": len(desk.storage.all("archives")) + 1,
        "state": "declared",
        "declared_at": now.isoformat(),
        "updated_at": now.isoformat(),
        "expires_at": (now + timedelta(seconds=life)).isoformat(),
    }
    desk.storage.put("archives", archive["id"], archive)
    return archive


def change(desk: Desk, archive_id: str, **members: object) -> Document:
    """Change members of an archive durably."""
    with desk.storage.lock:
        archive = desk.storage.get("archives", archive_id)
        assert archive is not None
        archive.update(members, updated_at=desk.now().isoformat())
        desk.storage.put("archives", archive_id, archive)
        return archive


def _expired(desk: Desk, archive: Document) -> bool:
    if archive["state"] not in ("declared", "uploading"):
        return False
    if datetime.fromisoformat(archive["expires_at"]) > desk.now():
        return False
    change(desk, archive["id"], state="expired")
    return True


def finalize(desk: Desk, archive: Document) -> Document:
    """Verify what was uploaded; idempotent. Knob `verifying_s`: answers 202 for that long.

    Raises:
        ProblemAnswer: not uploaded yet, or a check failed (the archive is rejected).
    """
    if archive["state"] in SAFE:
        return archive
    if archive["state"] == "rejected":
        raise ProblemAnswer(archive["problem"], archive["detail"])
    if archive["state"] not in ("uploaded", "verifying"):
        raise ProblemAnswer("offset-conflict", "the upload is not complete")
    with desk.storage.lock:
        since = desk.verifying.get(archive["id"])
        if since is None:  # also after a restart in mid-verification
            desk.verifying[archive["id"]] = since = time.monotonic()
            change(desk, archive["id"], state="verifying")
            threading.Thread(target=_verify, args=(desk, archive["id"]), daemon=True).start()
    while time.monotonic() - since < PATIENCE_S:
        found = desk.storage.get("archives", archive["id"])
        assert found is not None
        if found["state"] in SAFE:
            return found
        if found["state"] == "rejected":
            raise ProblemAnswer(found["problem"], found["detail"])
        if desk.knobs.get("verifying_s"):
            break
        time.sleep(0.005)
    return desk.storage.get("archives", archive["id"]) or archive


def _verify(desk: Desk, archive_id: str) -> None:
    time.sleep(float(desk.knobs.get("verifying_s") or 0))
    archive = desk.storage.get("archives", archive_id)
    assert archive is not None
    try:
        if desk.knobs.take("whole_mismatch"):
            raise Refused("hash-mismatch", "the SHA-256 differs from the declared one")
        found = check_content(archive, desk.storage.content(archive["upload_id"]))
        with desk.storage.lock:
            if found is not None:
                archive.update(signature_own=found.own, signature_bound=found.bound)
                check_pairs(archive, _neighbours(desk, archive))
            _store(desk, archive)
    except Refused as refusal:
        change(desk, archive_id, state="rejected", problem=refusal.slug, detail=refusal.detail)
    finally:
        desk.verifying.pop(archive_id, None)


def _neighbours(desk: Desk, archive: Document) -> list[Document]:
    same = ("firm", "period", "part", "branch")
    return [
        row
        for row in desk.storage.all("archives")
        if row["state"] in SAFE and all(row[name] == archive[name] for name in same)
    ]


def _store(desk: Desk, archive: Document) -> None:
    now = desk.now().isoformat()
    facts = {
        "portal_file_id": archive["id"],
        "firm_vkn": archive["firm"],
        "uploader": {"vkn": archive["firm"], **_texts(archive.get("software"))},
        "created_at": str(archive.get("created_at") or ""),
        "received_at": archive["received_at"],
        "stored_at": now,
        "replicated_at": now,
        "state": "replicated",
        "sites": SITES,
        "members": archive.get("members") or [],
        **{
            name: archive[name]
            for name in (
                "package_id", "kind", "period", "branch", "part", "file_name", "size", "sha256",
            )
        },
    }  # fmt: skip
    receipt = desk.office.issue(archive["firm"], facts)
    change(
        desk, archive["id"], state="replicated", receipt=receipt,
        signature_own=archive.get("signature_own", ""),
        signature_bound=archive.get("signature_bound", ""),
    )  # fmt: skip


def _texts(software: object) -> dict[str, str]:
    given = software if isinstance(software, dict) else {}
    return {"software": str(given.get("name", "")), "version": str(given.get("version", ""))}
