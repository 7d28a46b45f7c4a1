"""The launchers of legs: worker processes on this machine."""
