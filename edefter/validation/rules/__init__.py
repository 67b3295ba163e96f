"""The table of rules, one module per part of the document."""
