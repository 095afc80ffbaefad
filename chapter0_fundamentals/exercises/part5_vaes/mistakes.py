"""Wrong answers."""
