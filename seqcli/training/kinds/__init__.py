"""What a finished leg says of its answers, one file a kind of task."""
