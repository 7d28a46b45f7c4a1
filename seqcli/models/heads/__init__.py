"""One file a task kind: from recurrent outputs to predictions and their loss."""
