"""Kinds of task as data, one file each."""
