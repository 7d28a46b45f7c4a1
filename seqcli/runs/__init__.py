"""A run directory: atomic commit, manifest, lock, resume."""
