"""Write a marker's annotations and a summary onto the PDF of a copy.

The original stays beneath, stream by stream and byte for byte; each page gains one drawing, and the pages
share subsets of a few fonts.
"""

from rasterizer.stamp.stamp import stamp
from rasterizer.stamp.stamping import Stamping, parse, read

__all__ = ["Stamping", "parse", "read", "stamp"]
