"""What each command does: a config in, results out."""
