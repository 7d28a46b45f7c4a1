"""`seqcli inspect`: the content of a data file, before anything is trained on it."""
