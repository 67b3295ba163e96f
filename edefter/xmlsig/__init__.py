"""XML-DSig and XAdES reading and checking, shared by the steps that meet signatures.

Neutral ground between `signature`, `berat` and `gib`, which may not import each other: canonical
form, digests, signature values, certificate reading and paths. Nothing here knows a seal or a
ledger, and nothing here writes files. Mistakes are `Problem` values, not exceptions.
"""
