"""The rehearsal world: GİB, archive portal, NTP and test PKI as real servers on loopback.

Ships with the product; used alike by `edefter sandbox`, the demo and the tests. Each simulator
is a process of its own, checks what it receives by a path of its own (never the client's code),
and misbehaves on demand: it re-reads `<state>/knobs.json` at every request.
"""
