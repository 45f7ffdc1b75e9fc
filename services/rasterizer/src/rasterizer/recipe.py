"""How images are made, as part of every key under which they are stored."""

from importlib.metadata import version

RECIPE = f"r2-{version('pymupdf')}"
