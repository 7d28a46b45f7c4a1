"""The recurrence over time, padding, kernels."""
