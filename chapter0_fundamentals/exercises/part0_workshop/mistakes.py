"""The wrong answers of the workshop."""
