"""The contract's messages made from what grading knows, and read back; nothing is decided here."""
