"""The wrong answers of the lesson."""
