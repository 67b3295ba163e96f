"""Signed files judged as a whole, each question by itself: what `edefter verify` prints."""
