"""Sources to text to ids to batches."""
