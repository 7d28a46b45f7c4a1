"""What can be held equal between models, one file each."""
