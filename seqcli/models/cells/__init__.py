"""One file a recurrent cell: its equations and all that is particular to it."""
