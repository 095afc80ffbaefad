"""The wrong answers of the last lesson, each explained in a sentence."""
