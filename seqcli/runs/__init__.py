"""A run directory: atomic commit, manifest, lock, resume.

Every function here that touches the disk raises `StorageError` where that is full, read-only or broken; a
docstring says so only where more is to be known of it: what is intact then, or what is not.
"""
