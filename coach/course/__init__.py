"""What a lesson is: its text, its views, its names, and the workspace that it stands in."""
