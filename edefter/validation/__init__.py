"""XSD, official rules and our strict layer → findings, in one pass over a stream."""
