"""Where each setting comes from and whether it is allowed."""
