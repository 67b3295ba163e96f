"""Berats derived from signed ledgers, and GİB-approved berats taken back and checked."""
