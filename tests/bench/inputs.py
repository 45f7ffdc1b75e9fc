"""Write the scans that the benchmarks measure: `python -m tests.bench.inputs KIND PAGES FILE`.

Kinds: `colour200` and `colour300` (noisy JPEG, 4:2:0), `g4` (1-bit, 300 dpi), `born` (text and lines). The
same arguments give the same pages. A few pictures are repeated, each time as an object of its own, so that no
reader can reuse what it decoded.
"""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from pikepdf import Dictionary, Name, Pdf
from PIL import Image, ImageDraw, ImageFont

A4 = (595.276, 841.89)
PICTURES = 8
SEED = 20261124
#: Gives about 570 kB a page at 200 dpi and 1.1 MB at 300: an office scanner, rather noisy.
NOISE = 5

Pixels = NDArray[np.uint8]


def written_page(dpi: int, seed: int, *, noise: float) -> Pixels:
    """Draw a ruled, lit, noisy page with lines of writing."""
    width, height = round(A4[0] * dpi / 72), round(A4[1] * dpi / 72)
    image = Image.new("RGB", (width, height), (244, 243, 238))
    draw = ImageDraw.Draw(image)
    step = dpi * 8 // 25
    for top in range(step, height, step):
        draw.line((0, top, width, top), fill=(190, 190, 225), width=max(1, dpi // 120))
    font = ImageFont.load_default(size=dpi // 6)
    random = np.random.default_rng(SEED + seed)
    for top in range(3 * step, height - 2 * step, step):
        words = "".join(random.choice(list("abcdefgilmnoprstuvéè,.= +x²  "), size=50))
        draw.text((width // 12, top), words, fill=(40, 42, 120), font=font)
    shade = np.linspace(0, 18, height)[:, None, None]
    grain = random.normal(0, noise, (height, width, 3))
    return (np.asarray(image) - shade + grain).clip(0, 255).astype(np.uint8)


def colour(dpi: int) -> list[dict[str, Any]]:
    """Encode pages as a colour scanner does."""
    entries = []
    for seed in range(PICTURES):
        page = written_page(dpi, seed, noise=NOISE)
        data = simplejpeg.encode_jpeg(page, 75, "RGB", "420")
        keys = {"ColorSpace": Name.DeviceRGB, "BitsPerComponent": 8, "Filter": Name.DCTDecode}
        entries.append({"data": data, "Width": page.shape[1], "Height": page.shape[0], **keys})
    return entries


def bilevel() -> list[dict[str, Any]]:
    """Encode pages as a fax does."""
    entries = []
    for seed in range(PICTURES):
        bits = Image.fromarray(written_page(300, seed, noise=12).mean(axis=2) > 165)
        buffer = io.BytesIO()
        bits.save(buffer, "TIFF", compression="group4", strip_size=1 << 26)
        tags = Image.open(buffer).tag_v2  # type: ignore[attr-defined]  # a TIFF has tags
        data = buffer.getvalue()[tags[273][0] : tags[273][0] + tags[279][0]]
        fax = Dictionary(K=-1, Columns=bits.width, Rows=bits.height, BlackIs1=tags[262] == 1)
        keys = {"ColorSpace": Name.DeviceGray, "BitsPerComponent": 1, "Filter": Name.CCITTFaxDecode}
        size = {"Width": bits.width, "Height": bits.height}
        entries.append({"data": data, "DecodeParms": fax, **size, **keys})
    return entries


def scan(pdf: Pdf, pages: int, pictures: list[dict[str, Any]]) -> None:
    """Add pages that show one picture each."""
    for number in range(pages):
        picture = pictures[number % len(pictures)]
        image = pdf.make_stream(picture["data"], {"/Type": Name.XObject, "/Subtype": Name.Image})
        for key in picture.keys() - {"data"}:
            image[f"/{key}"] = picture[key]
        page = pdf.add_blank_page(page_size=A4)
        page.obj.Resources = Dictionary(XObject=Dictionary(Im0=image))
        page.obj.Contents = pdf.make_stream(b"q 595.276 0 0 841.89 0 0 cm /Im0 Do Q")


def born(pdf: Pdf, pages: int) -> None:
    """Add pages of text and lines."""
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    for number in range(pages):
        lines = b" ".join(
            b"(Exercice %d.%d : soit f une fonction continue, montrer que f est bornee.) Tj T*"
            % (number, line)
            for line in range(45)
        )
        page = pdf.add_blank_page(page_size=A4)
        page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
        frame = b"40 40 515 760 re S 60 500 m 200 700 400 300 540 560 c S "
        page.obj.Contents = pdf.make_stream(frame + b"BT /F1 11 Tf 16 TL 60 780 Td " + lines + b" ET")


KINDS: dict[str, Callable[[Pdf, int], None]] = {
    "colour200": lambda pdf, pages: scan(pdf, pages, colour(200)),
    "colour300": lambda pdf, pages: scan(pdf, pages, colour(300)),
    "g4": lambda pdf, pages: scan(pdf, pages, bilevel()),
    "born": born,
}


def main(kind: str, pages: str, path: str) -> None:
    """Write one file."""
    with Pdf.new() as pdf:
        KINDS[kind](pdf, int(pages))
        pdf.save(Path(path), compress_streams=False, deterministic_id=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
