"""What is known of the runs on this disk: list, show, verify, prune, compare."""
