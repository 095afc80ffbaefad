"""Learner code in a process of its own, with limits; and what is said of how it ends."""
