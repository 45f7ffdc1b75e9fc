"""A service as small as can be, for the tests of the kit."""
