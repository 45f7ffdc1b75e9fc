"""Take from a page what its resources offer but its content does not name, wherever it may be painted from.

A scan may give all its pages, forms, patterns and masks the same resources, and with them the images of every
student.
"""

from collections.abc import Iterator

from pikepdf import Array, Dictionary, Name, Object, Page, Stream

from rasterizer.painted import names_in

_BOXES = frozenset({"/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox"})
_OF_PAGE = _BOXES | {
    "/Type",
    "/Parent",
    "/Resources",
    "/Contents",
    "/Rotate",
    "/UserUnit",
    "/Group",
    "/Annots",
}
#: Used without being named.
_DEFAULTS = frozenset({"DefaultGray", "DefaultRGB", "DefaultCMYK"})
#: What an image or form may carry beside what it shows.
_CARRIED = ("/Metadata", "/PieceInfo", "/AF", "/Alternates", "/OPI", "/Ref", "/Measure", "/PtData")


def prune(page: Page) -> None:
    """Leave a page, and all that it paints from, no more than it shows."""
    for key in set(page.obj.keys()) - _OF_PAGE:
        del page.obj[key]
    seen = set[tuple[int, int]]()
    waiting: list[tuple[Object, Object]] = [
        (owner, page.resources) for owner in (page.obj, *_appearances(page))
    ]
    while waiting:
        owner, around = waiting.pop()
        if owner.is_indirect and owner.objgen in seen:
            continue
        seen.add(owner.objgen)
        resources = owner.get("/Resources", around)
        owner.Resources = _named(resources, names_in(_content(owner)) | _DEFAULTS)
        waiting += [(painted, resources) for painted in _painted_by(owner.Resources)]


def _named(resources: Object, names: set[str]) -> Dictionary:
    """Keep the entries of these names; what is no table of entries holds nothing to show."""
    kept = {}
    for kind, offered in resources.items():
        if isinstance(offered, Dictionary):
            kept[kind] = Dictionary({key: value for key, value in offered.items() if key[1:] in names})
    return Dictionary(kept)


def _content(owner: Object) -> bytes:
    """Read what a page, form, pattern or font of drawings paints."""
    if isinstance(owner, Stream):
        return owner.read_bytes()
    listed = owner.get("/CharProcs", owner.get("/Contents", Array()))
    streams = listed.values() if isinstance(listed, Dictionary) else [listed]
    if isinstance(listed, Array):
        streams = list(listed)
    return b"\n".join(stream.read_bytes() for stream in streams if isinstance(stream, Stream))


def _painted_by(resources: Dictionary) -> Iterator[Object]:
    """Find what has resources of its own: forms, patterns, fonts of drawings and the groups of soft masks."""
    for painted in _values(resources, "/XObject"):
        for key in _CARRIED:
            if key in painted:
                del painted[key]
        if painted.get("/Subtype") == Name.Form:
            yield painted
    yield from (pattern for pattern in _values(resources, "/Pattern") if isinstance(pattern, Stream))
    yield from (font for font in _values(resources, "/Font") if "/CharProcs" in font)
    for state in _values(resources, "/ExtGState"):
        mask = state.get("/SMask")
        if isinstance(mask, Dictionary) and isinstance(mask.get("/G"), Stream):
            yield mask.G


def _values(resources: Dictionary, kind: str) -> list[Object]:
    return [
        value
        for value in resources.get(kind, Dictionary()).values()
        if isinstance(value, Dictionary | Stream)
    ]


def _appearances(page: Page) -> Iterator[Object]:
    """Find the forms that annotations show, in each of their states."""
    listed = page.obj.get("/Annots")
    for annotation in listed if isinstance(listed, Array) else ():
        waiting = [annotation.get("/AP")] if isinstance(annotation, Dictionary) else []
        while waiting:
            shown = waiting.pop()
            if isinstance(shown, Stream):
                yield shown
            elif isinstance(shown, Dictionary):
                waiting += shown.values()
