"""Intervals, equivalence, looks, calibration; numbers only, no torch."""
