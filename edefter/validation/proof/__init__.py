"""The fast path: proves whole entries of a yevmiye, or lines of a kebir, valid from their bytes."""
