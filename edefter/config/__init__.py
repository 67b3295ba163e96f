"""Typed settings from one TOML file plus environment; each value knows its origin."""
