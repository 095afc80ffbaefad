"""The learner's own file: begun, brought up to date, reset and restored, and never lost."""
