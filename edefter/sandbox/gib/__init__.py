"""The simulated GİB: a SOAP service over TLS that checks everything by a path of its own.

`server` sockets and misbehaviour · `service` the three operations · `soap` messages · `wss`
WS-Security · `dsig`/`trust` primitives · `xades`, `content`, `books` what is inside a package ·
`worker` the two-stage queue · `countersign` GİB's seal · `store` SQLite · `knobs` how it is told to
misbehave (docs/design/gib.md lists all of them).
"""
