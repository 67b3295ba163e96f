"""Measured claims: one make target each; prints figures with their bars."""
