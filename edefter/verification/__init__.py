"""Signed files judged as a whole, each question by itself: what `edefter verify` prints.

`judge` asks the questions of one document, `links` those between documents that were given
together, `report` writes them down. It joins what `signature`, `berat`, `timestamp`, `trust` and
`validation` know, and decides nothing that they decide.
"""
