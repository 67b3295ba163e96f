"""Checks between documents: kebir against journal, berat against its ledger."""

from edefter.validation.sets.berat_check import check_berat
from edefter.validation.sets.pair import check_pair

__all__ = ["check_berat", "check_pair"]
