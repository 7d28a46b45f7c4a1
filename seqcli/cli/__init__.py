"""Flags to config to call to drawing; one file a command."""
