"""What may be added to a signed document after signing, and the document without it.

GİB puts its counter-signature into the unsigned properties of the taxpayer's signature
(signing.md §1); time stamps stand there too.
"""

from __future__ import annotations

from pathlib import Path

from edefter.xmlsig.names import Canonicalization, ds, xades
from edefter.xmlsig.parsing import canonical_document, detach, parse

UNSIGNED = xades("UnsignedProperties")


def without_additions(source: Path | bytes) -> bytes:
    """Canonical document without unsigned properties, and without an Object that held only those.

    Comments count: nothing else may be new.

    Args:
        source: the file or its bytes.

    Raises:
        Unreadable: not well-formed, or it has a document type declaration.
        OSError: the file cannot be read.
    """
    tree = parse(source)
    for unsigned in tree.getroot().findall(f"{ds('Signature')}/{ds('Object')}//{UNSIGNED}"):
        holder = unsigned.getparent()
        detach(unsigned)
        if holder is not None and holder.tag == ds("Object") and not len(holder):
            detach(holder)
    return canonical_document(tree, Canonicalization(with_comments=True))
