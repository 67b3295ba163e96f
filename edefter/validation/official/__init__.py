"""Second opinion: GİB's own package, imported by the user, judges small documents beside ours."""
