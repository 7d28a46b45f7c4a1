"""Models that are more than one recurrence with a head, one file each."""
