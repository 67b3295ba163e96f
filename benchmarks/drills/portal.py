"""A portal that lies: what it does to what it was given, and which proof catches it.

    python -m benchmarks.drills.portal [--rounds 10] [--seed 1]

In each round a file of an archived month is drawn, something is done to the portal behind its back
(bytes cut off, a bit flipped, a row left out, receipts signed anew with the portal's own key), and
`edefter archive prove` is asked. It must catch each one, by the proof that is there for it, and
nothing once the damage is undone. Faults of the line, of TLS and at reception are the matter of
`make fault-test ONLY=portal:`.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.figures import Figures
from edefter.sandbox.portal.knobs import Knobs
from edefter.sandbox.portal.receipts import ReceiptOffice
from edefter.sandbox.world import SandboxWorld
from tests.support.office import Office

Damage = Callable[["Liar"], Any]


class Liar:
    """The portal's own disk, and who may change it.

    Args:
        office: whose files.
        dice: chooses.
    """

    def __init__(self, office: Office, dice: random.Random) -> None:
        self.office, self.dice = office, dice
        self.portal = office.world.portal
        self._data = self.portal.state / "data"

    def _file(self) -> tuple[dict[str, Any], Path]:
        """One of the firm's archives, and where its content lies."""
        rows = [
            json.loads(p.read_bytes()) for p in sorted((self._data / "archives").glob("*.json"))
        ]
        row = self.dice.choice([row for row in rows if row["firm"] == self.office.tax_number])
        return row, self._data / "content" / f"{row['upload_id']}.bin"

    @contextmanager
    def _changed(self, path: Path, content: bytes, **knobs: object) -> Iterator[None]:
        before = path.read_bytes()
        path.write_bytes(content)
        self.portal.set_knobs(**knobs)
        yield
        path.write_bytes(before)
        self.portal.set_knobs()

    def loses_bytes(self, **knobs: object) -> Any:
        """The end of a stored file is gone."""
        _, path = self._file()
        content = path.read_bytes()
        return self._changed(path, content[: self.dice.randrange(len(content))], **knobs)

    def flips_a_bit(self) -> Any:
        """One bit of a stored file is another; asked for its hash it claims the old one."""
        _, path = self._file()
        content = bytearray(path.read_bytes())
        content[self.dice.randrange(len(content))] ^= 1 << self.dice.randrange(8)
        return self._changed(path, bytes(content), verify_claims=True)

    @contextmanager
    def omits_a_row(self) -> Iterator[None]:
        """Its list leaves one out."""
        row, _ = self._file()
        self.portal.set_knobs(list={"omit": row["id"]})
        yield
        self.portal.set_knobs()

    def forges_a_receipt(self) -> Any:
        """A receipt speaks of another content; all later ones are signed anew to fit."""
        return self._resigned(lambda facts: facts.update(sha256=self.dice.randbytes(32).hex()))

    def forks_the_chain(self) -> Any:
        """From some receipt on the chain is another one, well signed and well linked."""
        return self._resigned(lambda facts: facts.update(uploader={"vkn": "fork"}))

    def _resigned(self, change: Callable[[dict[str, Any]], None]) -> Any:
        chain = self._data / "receipts" / f"{self.office.tax_number}.jsonl"
        before = chain.read_bytes()
        lines = before.splitlines(keepends=True)
        place = self.dice.randrange(len(lines))
        with tempfile.TemporaryDirectory(dir=self._data) as name:
            folder = Path(name) / "receipts"
            folder.mkdir()
            key = self._data / "receipt-key.pem"
            (folder.parent / key.name).write_bytes(key.read_bytes())
            (folder / chain.name).write_bytes(b"".join(lines[:place]))
            pen = ReceiptOffice(folder, Knobs(self.portal.state))
            for number, line in enumerate(lines[place:]):
                facts = _facts(json.loads(line)["receipt"])
                if not number:
                    change(facts)
                pen.issue(self.office.tax_number, facts)
            content = (folder / chain.name).read_bytes()
        return self._changed(chain, content)


def _facts(jws: str) -> dict[str, Any]:
    """What a receipt was made of."""
    text = jws.split(".")[1]
    body = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    own = ("key_id", "seq", "receipt_id", "prev_receipt_sha256", "protocol_version")
    return {name: value for name, value in body.items() if name not in own}


LIES: dict[str, tuple[Damage, tuple[str, str]]] = {
    "loses bytes": (lambda liar: liar.loses_bytes(), ("challenge", "ARC-30")),
    "loses bytes and denies it": (
        lambda liar: liar.loses_bytes(verify_claims=True), ("challenge", "ARC-31"),
    ),
    "flips a bit and denies it": (lambda liar: liar.flips_a_bit(), ("challenge", "ARC-31")),
    "omits a row": (lambda liar: liar.omits_a_row(), ("reconcile", "ARC-20")),
    "forges a receipt": (lambda liar: liar.forges_a_receipt(), ("receipts", "ARC-41")),
    "forks the chain": (lambda liar: liar.forks_the_chain(), ("receipts", "ARC-41")),
}  # fmt: skip


def _caught(office: Office) -> set[tuple[str, str]]:
    """(proof, rule) of everything that was found."""
    answer = office.edefter("archive", "prove", "--json", "--percent", "100")
    assert answer.code in (0, 6), answer.err
    (report,) = answer.json
    return {(proof["name"], f["rule"]) for proof in report["proofs"] for f in proof["findings"]}


def drill(office: Office, rounds: int, seed: int) -> int:
    """Run it; returns the exit status."""
    liar = Liar(office, random.Random(seed))  # noqa: S311 - no secret
    figures = Figures()
    figures.add("seed", seed, "-", True)
    quiet = 0
    for name, (damage, expected) in LIES.items():
        by: Counter[str] = Counter()
        caught = 0
        for _ in range(rounds):
            with damage(liar):
                found = _caught(office)
            caught += expected in found
            by.update(f"{proof} {rule}" for proof, rule in found)
            quiet += not _caught(office)
        told = ", ".join(f"{what} ×{count}" for what, count in sorted(by.items()))
        figures.add(name, f"{caught} of {rounds}: {told}", "every time", caught == rounds)
    figures.add("nothing found once undone", quiet, "every time", quiet == rounds * len(LIES))
    return figures.close()


def main() -> int:
    """Parse arguments, start the simulators, drill."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="edefter-drill-") as name,
        SandboxWorld(Path(name) / "world", any_ports=True) as world,
    ):
        office = Office(world, Path(name) / "office")
        office.register()
        done = office.run("2026-01")
        if done.code != 0:
            print(done.out, done.err, file=sys.stderr)
            return 1
        return drill(office, given.rounds, given.seed)


if __name__ == "__main__":
    sys.exit(main())
