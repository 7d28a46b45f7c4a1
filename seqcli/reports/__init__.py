"""Results as tables, JSON, CSV, Markdown and pictures; one file a format."""
