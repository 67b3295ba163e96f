"""Kinds of seals behind the one port `signature.port.Seal`."""
