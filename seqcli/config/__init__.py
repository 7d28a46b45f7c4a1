"""The origin of each setting, and the check of its value."""
