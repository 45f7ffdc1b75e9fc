"""Releases of a schema that no service has, on which to see whether the guard refuses what it must."""
