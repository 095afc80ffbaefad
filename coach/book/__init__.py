"""The book: every lesson as pages in both languages, made from the lessons alone; it knows no lesson by name."""
