"""Write files that an upload must refuse or survive, each from an honest scan or from nothing."""

import zlib
from pathlib import Path

import pikepdf
from pikepdf import Dictionary, Encryption, Name
from PIL import Image

PASSWORD = "korrigo-test"
MEBI = 1 << 20
ADLER_MODULUS = 65521


def truncated(scan: Path, out: Path, *, keep: float = 0.5) -> Path:
    """Keep only the first part of a scan, as a broken upload does."""
    whole = scan.read_bytes()
    out.write_bytes(whole[: int(len(whole) * keep)])
    return out


def encrypted(scan: Path, out: Path) -> Path:
    """Ask for a password before the scan opens."""
    return _encrypted(scan, out, user=PASSWORD)


def owner_only(scan: Path, out: Path) -> Path:
    """Let anyone open the scan but forbid changes, as some copiers do."""
    return _encrypted(scan, out, user="")


def _encrypted(scan: Path, out: Path, *, user: str) -> Path:
    with pikepdf.open(scan) as pdf:
        pdf.save(out, encryption=Encryption(owner=PASSWORD, user=user))
    return out


def html(out: Path) -> Path:
    """Name a web page, such as a login form, as a PDF."""
    out.write_text("<!DOCTYPE html><html><body><h1>Session expirée</h1></body></html>", encoding="utf-8")
    return out


def png(out: Path) -> Path:
    """Name a picture as a PDF."""
    Image.new("L", (640, 480), 200).save(out, "PNG")
    return out


def empty(out: Path) -> Path:
    """Write a file of no bytes."""
    out.write_bytes(b"")
    return out


def many_pages(out: Path, *, count: int = 10_000) -> Path:
    """Write a valid file of far too many pages."""
    with pikepdf.new() as pdf:
        contents = pdf.make_stream(b"0.9 g 72 72 200 200 re f")
        for _ in range(count):
            pdf.add_blank_page(page_size=(595, 842)).Contents = contents
        pdf.save(out, deterministic_id=True)
    return out


def page_of_size(out: Path, width: float, height: float) -> Path:
    """Write one page of an absurd size, in points."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(100, 100))
        page.MediaBox = pikepdf.Array([0, 0, width, height])
        page.Contents = pdf.make_stream(b"0.5 g 0 0 50 50 re f")
        pdf.save(out, deterministic_id=True)
    return out


def image_bomb(out: Path, *, edge: int = 50_000) -> Path:
    """Write a small file whose one image is that many pixels wide and high."""
    shape = f"/Width {edge} /Height {edge} /ColorSpace /DeviceGray /BitsPerComponent 8"
    described = f"<< /Type /XObject /Subtype /Image {shape} /Filter /FlateDecode >>"
    with pikepdf.new() as pdf:
        image = pikepdf.Stream(pdf, zeros(edge * edge), pikepdf.Object.parse(described.encode()))
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = Dictionary(XObject=Dictionary(Im0=pdf.make_indirect(image)))
        page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Im0 Do Q")
        pdf.save(out, deterministic_id=True)
    return out


def content_bomb(out: Path, *, size: int = 1 << 30) -> Path:
    """Write a small file whose page content unpacks to that many bytes of drawing."""
    block = b"0 0 595 842 re f\n" * 60_000
    packed = zlib.compress(block, 9)
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        stream = pikepdf.Stream(pdf, packed)
        stream.Filter = Name.FlateDecode
        page.Contents = pikepdf.Array([pdf.make_indirect(stream)] * (size // len(block)))
        pdf.save(out, deterministic_id=True)
    return out


def form_bomb(out: Path, *, depth: int = 10, width: int = 10) -> Path:
    """Write forms that each draw the next one several times: width to the power of depth in all."""
    with pikepdf.new() as pdf:
        form = _form(pdf, b"0 0 9 9 re f", Dictionary())
        for _ in range(depth):
            form = _form(pdf, b"/F Do " * width, Dictionary(XObject=Dictionary(F=form)))
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = Dictionary(XObject=Dictionary(F=form))
        page.Contents = pdf.make_stream(b"/F Do")
        pdf.save(out, deterministic_id=True)
    return out


def _form(pdf: pikepdf.Pdf, content: bytes, resources: Dictionary) -> pikepdf.Object:
    form = pdf.make_stream(content)
    form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, pikepdf.Array([0, 0, 595, 842])
    form.Resources = resources
    return form


def zeros(count: int) -> bytes:
    """Return a zlib stream of that many zero bytes without ever holding them."""
    block = _raw(zlib.Z_FULL_FLUSH, MEBI)
    rest = _raw(zlib.Z_FINISH, count % MEBI)
    checksum = (count % ADLER_MODULUS) << 16 | 1
    return b"\x78\x9c" + block * (count // MEBI) + rest + checksum.to_bytes(4, "big")


def _raw(ending: int, count: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(bytes(count)) + packer.flush(ending)
