"""Programs that make committed files from the code or from tables."""
