"""Break a running system on purpose: nothing is lost, nothing is there twice, nothing stays stuck."""

import pytest

# Shared checks tell what differs, as the checks of a test do.
pytest.register_assert_rewrite("tests.failures.robots", "tests.failures.steps")
