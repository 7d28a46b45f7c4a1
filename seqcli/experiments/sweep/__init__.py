"""One comparison for each value of a setting, and how the models change along it."""
