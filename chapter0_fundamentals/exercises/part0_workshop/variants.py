"""Right answers of the workshop, written in other ways."""
