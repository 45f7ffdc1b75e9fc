"""Render pages the plain way, as the measure of all others: `python -m tests.bench.png_loop FILE OUT PAGES`.

Opened from bytes, each page a pixmap at twice 72 dpi, saved as PNG.
"""

import sys
from pathlib import Path

import pymupdf


def main(path: str, out: str, pages: str) -> None:
    """Write the first pages of a file."""
    with pymupdf.open("pdf", Path(path).read_bytes()) as document:
        for number in range(min(int(pages), document.page_count)):
            document[number].get_pixmap(matrix=pymupdf.Matrix(2, 2)).save(f"{out}/{number}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
