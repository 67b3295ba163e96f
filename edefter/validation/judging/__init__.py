"""Runs the table of rules over records and writes findings."""
