"""The revisions of the sample."""
