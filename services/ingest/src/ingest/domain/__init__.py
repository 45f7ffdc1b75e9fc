"""What ingest knows about paper and people; no I/O."""
