"""Our messages to GİB before independent implementations of WS-Security.

    python -m benchmarks.interop_wss

Each operation of the client, with either token and either key, as it goes over the wire. Judges are
libxmlsec (value and digests; python-xmlsec), Apache WSS4J 1.6 (all of WS-Security), and the check
of the sandbox's GİB, which shares no code with the client.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figures
from edefter.model.period import Period
from edefter.sandbox.pki import SandboxPki
from tests.integration.gib.support import build_month
from tests.support.signed_documents import seal_of
from tests.support.wss_messages import sent_messages
from tests.support.wss_verifiers import sandbox_verify, wss4j_verify, xmlsec_verify

KEYS = ("rsa", "ec")
TOKENS = ("pkipath", "x509v3")
_SIGNED_BY = {"rsa": "rsa-sha256", "ec": "ecdsa-sha384 (P-384)"}


def main(arguments: list[str] | None = None) -> int:
    """Print the matrix; returns the exit status."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "").parse_args(
        arguments
    )
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="edefter-interop-wss-") as name:
        folder = Path(name)
        pki = SandboxPki(folder / "pki")
        pki.gib_seal()
        package = build_month(folder / "month", seal_of(pki), period=Period(2026, 1)).yb
        trusted = [pki.folder / "root.pem", pki.folder / "seal-ca.pem"]
        for key in KEYS:
            for token in TOKENS:
                paths = {}
                sent = sent_messages(pki, seal_of(pki, key), token, package, folder)
                for operation, message in sent.items():
                    paths[operation] = folder / f"{key}-{token}-{operation}.xml"
                    paths[operation].write_bytes(message)
                by_wss4j = wss4j_verify(list(paths.values()), trusted)
                for operation, path in paths.items():
                    verdicts = {
                        "xmlsec": xmlsec_verify(path),
                        "wss4j": by_wss4j[path],
                        "sandbox": sandbox_verify(path.read_bytes(), pki),
                    }
                    good = all(verdict.startswith("valid") for verdict in verdicts.values())
                    figures.add(
                        f"{operation:6} {token:7} {_SIGNED_BY[key]}",
                        ", ".join(f"{judge} {said}" for judge, said in verdicts.items()),
                        "all valid",
                        good,
                    )
    return figures.close()


if __name__ == "__main__":
    sys.exit(main())
