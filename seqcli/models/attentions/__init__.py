"""Ways to weigh the encoder's outputs, one file each."""
