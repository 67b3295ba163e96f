"""Looks whether everything that a month end needs can be reached, and what to ask for."""
