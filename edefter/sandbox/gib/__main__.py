"""`python -m edefter.sandbox.gib --state DIR --pki DIR`."""

from edefter.sandbox.gib.server import main

main()
