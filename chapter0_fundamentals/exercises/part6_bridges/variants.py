"""Right answers of the last lesson, each written in another way; the tests accept them all."""
