"""The command line: one module per command, talking to the engine only."""
