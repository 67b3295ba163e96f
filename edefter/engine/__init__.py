"""The one place that knows the order of the steps, and the only writer of state."""
