"""Vouchers → yevmiye and kebir as canonical XBRL-GL, streamed."""
