"""XSD, official rules and our strict layer → findings, in one pass over a stream."""

from edefter.validation.report import Facts, Report
from edefter.validation.run import validate

__all__ = ["Facts", "Report", "validate"]
