"""Fuzzing of everything that reads foreign bytes; `make fuzz` starts it (`benchmarks/fuzz.py`)."""
