"""`python -m edefter`."""

from edefter.cli.main import main

main()
