"""Many documents in worker processes; each gets a verdict."""
