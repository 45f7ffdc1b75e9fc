"""How images are made, as part of every key under which they are stored."""

from importlib.metadata import version

RECIPE = f"r1-{version('pymupdf')}"
