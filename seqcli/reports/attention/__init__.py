"""Which source piece each written piece looked at, in a terminal and as a picture."""
