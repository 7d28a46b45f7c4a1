"""One file a baseline: what recurrence has to beat."""
