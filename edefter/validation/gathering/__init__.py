"""What comparisons between documents need of a ledger's lines, without keeping a line."""
