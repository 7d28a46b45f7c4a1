"""Where legs run: worker processes on this machine."""
