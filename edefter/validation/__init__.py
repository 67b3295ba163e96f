"""XSD, official rules and our strict layer → findings, in one pass over a stream."""

from edefter.validation.report import Facts, Report
from edefter.validation.run import validate
from edefter.validation.sets.cross import check_berat, check_pair

__all__ = ["Facts", "Report", "check_berat", "check_pair", "validate"]
