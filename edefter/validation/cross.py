"""Checks between documents: kebir against journal, berat against its ledger."""

from edefter.validation.berat_check import check_berat
from edefter.validation.pair import check_pair

__all__ = ["check_berat", "check_pair"]
