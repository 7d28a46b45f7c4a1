"""Views of a result in Python: one file each."""
