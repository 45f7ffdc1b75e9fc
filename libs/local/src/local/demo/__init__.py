"""The demo: made once over HTTP, as people would, with passwords of this installation alone."""

from local.demo.installation import Logins, ensure
from local.demo.people import DemoFailedError

__all__ = ["DemoFailedError", "Logins", "ensure"]
