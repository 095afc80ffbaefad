"""The figures of day 2's second lesson: plotly, offline, in the learner's language."""

from part2_cnns.figures import digits, images, training

__all__ = ["digits", "images", "training"]
