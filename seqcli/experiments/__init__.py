"""The experiments, one a command: a config in, results out."""
