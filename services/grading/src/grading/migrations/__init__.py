"""The revisions of the schema grading."""
