"""Seals, XAdES signatures by streaming splice, and their verification."""
