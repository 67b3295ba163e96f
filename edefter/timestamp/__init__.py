"""Time stamps after RFC 3161: requests, authorities, budget, and what a token proves."""
