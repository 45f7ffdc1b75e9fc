"""What grading knows and may decide, without any I/O. All points are integers of 1/100 point."""
