"""From bytes to records: the parser, its bounds, and what is told of documents it cannot read."""
