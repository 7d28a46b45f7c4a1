"""Formats of signals, one file each."""
