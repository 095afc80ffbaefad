"""A test, a function, a verdict: all within one process."""
