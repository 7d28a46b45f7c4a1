"""The results: frozen records with their JSON schemas."""
