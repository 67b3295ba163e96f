"""Uploads against servers that nobody here wrote, over a line that is cut again and again."""
