"""The system of the failure tests, for longer."""

from tests.failures.conftest import beneath, desks, opened, paper, people, system

__all__ = ["beneath", "desks", "opened", "paper", "people", "system"]
