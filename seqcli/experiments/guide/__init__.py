"""The whole guide put to the test: a fixed set of small comparisons, sweeps and probes."""
