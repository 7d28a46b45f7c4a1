"""The display of work in progress."""
