"""One file a task: its data, kind, metric and defaults."""
