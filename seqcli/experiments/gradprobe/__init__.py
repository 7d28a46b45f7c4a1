"""`seqcli gradprobe`: gradients through time of fresh models, of models on a task, of trained runs."""
