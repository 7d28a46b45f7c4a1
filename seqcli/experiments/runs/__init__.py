"""The runs on this disk: list, show, verify, prune, compare."""
