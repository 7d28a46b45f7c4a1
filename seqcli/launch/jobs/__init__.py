"""One file a kind of job that a worker can do."""
