"""One leg: the loop, the optimiser, metrics, early stopping."""
