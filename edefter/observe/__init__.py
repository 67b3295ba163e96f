"""Events, metrics and progress: what a run tells while it works."""
