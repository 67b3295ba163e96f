"""Drills of losing an archive: each a command that prints what was lost and what came back."""
