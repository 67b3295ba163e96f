"""Receipt verification against receipts made here, by another JWS writer than the sandbox's."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from edefter.archive.errors import ContractViolation
from edefter.archive.jws import Flaw
from edefter.archive.receipts import (
    FIRST,
    check_chain,
    check_link,
    open_receipt,
    parse_keys,
    payload_sha256,
)

KEY = ec.generate_private_key(ec.SECP384R1())
KEYS = {"k1": KEY.public_key()}
BODY = {
    "seq": 1, "receipt_id": "r-1", "sha256": "ab", "state": "stored", "key_id": "k1",
    "received_at": "2026-02-01T10:00:00+00:00", "stored_at": "2026-02-01T10:00:01+00:00",
    "prev_receipt_sha256": FIRST, "title": "Çağdaş",
}  # fmt: skip


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def answer(body=BODY, header=None, key=KEY, payload=None):
    header = header or {"alg": "ES384", "kid": "k1"}
    if payload is None:
        payload = json.dumps(
            body, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
    signed = f"{encode(json.dumps(header).encode())}.{encode(payload)}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA384())))
    signature = r.to_bytes(48, "big") + s.to_bytes(48, "big")
    return {
        "receipt": f"{signed}.{encode(signature)}",
        "receipt_sha256": hashlib.sha256(payload).hexdigest(),
    }


def opened(**changes):
    return open_receipt(answer({**BODY, **changes}), KEYS, "keys.json")


def test_a_good_receipt_opens():
    receipt = opened()
    assert (receipt.seq, receipt.state, receipt.body["title"]) == (1, "stored", "Çağdaş")
    assert receipt.stored_at.isoformat() == "2026-02-01T10:00:01+00:00"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (answer(header={"alg": "none", "kid": "k1"}), "algorithm"),
        (answer(header={"alg": "HS256", "kid": "k1"}), "algorithm"),
        (answer(header={"alg": "ES384", "kid": "k1", "crit": ["x"]}), "algorithm"),
        (answer(key=ec.generate_private_key(ec.SECP384R1())), "does not verify"),
        (answer(payload=b'{"seq": 1}'), "canonical"),
        (answer(payload=b"[]"), "canonical"),
        (answer(payload=b'{"a":1.5}'), "canonical"),
        ({**answer(), "receipt_sha256": "0" * 64}, "own SHA-256"),
        ({**answer(), "receipt": answer()["receipt"] + "AAAA"}, "length"),
        ({"receipt": "a.b"}, "not a compact JWS"),
        ({"receipt": {}}, "no signed receipt"),
        (answer({**BODY, "stored_at": "2026-02-01T09:59:59+00:00"}), "not in order"),
        (answer({**BODY, "stored_at": "2026-02-01T10:00:01"}), "no zone"),
        (answer({**BODY, "state": "verifying"}), "safe"),
        (answer({**BODY, "state": "glorious"}), "safe"),
        (answer({**BODY, "seq": 0}), "sequence"),
        (answer({**BODY, "seq": True}), "sequence"),
        (answer({**BODY, "key_id": "k2"}), "another key"),
    ],
)
def test_a_bad_receipt_does_not(given, words):
    with pytest.raises(Flaw, match=words):
        open_receipt(given, KEYS, "keys.json")


def test_an_unpinned_key_is_named():
    with pytest.raises(ContractViolation) as caught:
        open_receipt(answer(header={"alg": "ES384", "kid": "k9"}), KEYS, "keys.json")
    assert caught.value.facts == {"key_id": "k9", "pinned": "k1", "place": "keys.json"}


def test_a_chain_without_gap_and_fork_holds():
    first = opened()
    second = opened(seq=2, prev_receipt_sha256=payload_sha256(first))
    third = opened(seq=3, prev_receipt_sha256=payload_sha256(second))
    assert check_chain([first, second, third], None) == third
    with pytest.raises(Flaw, match="missing"):
        check_chain([first, third], None)
    with pytest.raises(Flaw, match="forked"):
        check_link(opened(seq=2, prev_receipt_sha256="1" * 64), first)
    earlier = opened(
        seq=2, prev_receipt_sha256=payload_sha256(first),
        received_at="2026-01-01T00:00:00+00:00", stored_at="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    with pytest.raises(Flaw, match="older"):
        check_link(earlier, first)


def test_keys_of_other_kinds_are_left_out():
    numbers = KEY.public_key().public_numbers()
    row = {
        "kty": "EC", "crv": "P-384", "kid": "k1",
        "x": encode(numbers.x.to_bytes(48, "big")), "y": encode(numbers.y.to_bytes(48, "big")),
    }  # fmt: skip
    assert list(parse_keys({"keys": [row, {"kty": "RSA", "kid": "r"}, 7]})) == ["k1"]
    with pytest.raises(ValueError, match="JWK"):
        parse_keys([])
    with pytest.raises(ValueError):
        parse_keys({"keys": [{**row, "x": row["y"]}]})
