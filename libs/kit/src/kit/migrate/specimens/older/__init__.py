"""A release with a table."""
