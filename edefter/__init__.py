"""e-Defter client service: accounting database → signed ledgers → approved berats → archive."""

__version__ = "0.1.0"
