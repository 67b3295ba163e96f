"""Our XSD set, compiled once, and its verdicts as findings."""
