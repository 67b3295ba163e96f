"""All verifiers before tampered documents, each verifier started as seldom as possible."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from edefter.model.environment import Environment
from edefter.sandbox.pki import GIB_TAX_NUMBER, SandboxPki
from edefter.sandbox.revocation.answers import certificate_list
from edefter.verification.judge import Ground, Judgement, Question, judge
from edefter.verification.links import link
from tests.support.tampering import (
    JDK,
    OPENSSL,
    SIGNXML,
    XMLSEC1,
    Control,
    Tampering,
    Workshop,
    write,
)
from tests.support.verifiers import (
    jdk_verify,
    openssl_verify,
    signxml_answer,
    xmlsec1_counter_verify,
    xmlsec1_verify,
)


@dataclass(slots=True)
class Trial:
    """What became of one tampered document.

    Args:
        item: what was done to it.
        path: as the product writes documents.
        copy: the same without the xml-stylesheet instruction.
        no: questions that our verifier answered with no, for `path` and for `copy`.
        findings: of our verifier for `path`, in English.
        refused_by: the independent verifiers that refused it.
    """

    item: Tampering | Control
    path: Path
    copy: Path
    no: tuple[frozenset[Question], frozenset[Question]] = (frozenset(), frozenset())
    findings: list[str] = field(default_factory=list)
    refused_by: frozenset[str] = frozenset()

    @property
    def ours_right(self) -> bool:
        """Whether our verifier answered as it must, both times."""
        wanted = self.item.no if isinstance(self.item, Tampering) else frozenset()
        return self.no == (wanted, wanted)

    @property
    def others_right(self) -> bool:
        """Whether exactly those refused it that are said to see it."""
        wanted = self.item.seen_by if isinstance(self.item, Tampering) else frozenset()
        return self.refused_by == wanted


def trials(
    items: Sequence[Tampering | Control], pki: SandboxPki, folder: Path, seed: int
) -> list[Trial]:
    """Make and judge all of them.

    Args:
        items: what to do.
        pki: of the seals; gets a revoked one.
        folder: for the files.
        seed: decides keys and places, where they make no difference.
    """
    whole, bare = (
        Workshop(pki, folder / "workshop", random.Random(seed), instruction=instruction)
        for instruction in (True, False)
    )
    found = []
    for number, item in enumerate(items, 1):
        place = f"{number:02} {item.name}"
        found.append(
            Trial(
                item,
                write(item.make, whole, folder / place),
                write(item.make, bare, folder / "copies" / place),
            )
        )
    for trial in found:
        judged = [_ours(path, pki) for path in (trial.path, trial.copy)]
        trial.no = (_no(judged[0]), _no(judged[1]))
        trial.findings = [finding.message_en for finding in judged[0].findings]
    refused = _refused(found, pki)
    for trial in found:
        trial.refused_by = frozenset(name for name, paths in refused.items() if trial.path in paths)
    return found


def _ours(path: Path, pki: SandboxPki) -> Judgement:
    """Our verifier, with every other document of the folder."""
    ground = Ground(
        anchors=[pki.root, pki.seal_ca], environment=Environment.SANDBOX,
        gib_tax_number=GIB_TAX_NUMBER, now=datetime.now(UTC), with_rules=False,
    )  # fmt: skip
    judged = {item: judge(item, ground) for item in sorted(path.parent.glob("*.xml"))}
    link(list(judged.values()), ground)
    return judged[path]


def _no(judged: Judgement) -> frozenset[Question]:
    return frozenset(question for question, answer in judged.answers.items() if answer is False)


def _refused(found: list[Trial], pki: SandboxPki) -> dict[str, set[Path]]:
    paths, root = [trial.path for trial in found], pki.folder / "root.pem"
    crl = certificate_list(pki, "seal-ca", datetime.now(UTC), {})
    xmlsec1 = xmlsec1_verify(paths, root)
    for path in paths:
        if path.name.startswith("GIB-"):
            xmlsec1[path] &= xmlsec1_counter_verify(path, root)
    answers = {
        XMLSEC1: xmlsec1,
        JDK: jdk_verify(paths),
        OPENSSL: {path: openssl_verify(path, root, crl) for path in paths},
        SIGNXML: {trial.path: not signxml_answer(trial.copy) for trial in found},
    }
    return {name: {path for path in paths if not told[path]} for name, told in answers.items()}
