"""The archive portal of the sandbox: control channel and tus uploads over TLS (portal.md).

`python -m edefter.sandbox.portal --state DIR --pki DIR`; knobs: docs/design/archive.md. It checks
what it receives by code of its own and shares none with `edefter.archive`.
"""
