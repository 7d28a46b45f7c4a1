"""What was found: frozen records with their JSON schemas."""
