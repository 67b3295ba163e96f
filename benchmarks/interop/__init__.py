"""Other implementations judge what we sign, and what is tampered with (docs/design/interop.md)."""
