"""Scenarios and material that no single service can say."""
