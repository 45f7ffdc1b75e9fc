"""Keep finished scans between runs, because drawing handwriting takes longer than copying a file."""

import hashlib
import os
import shutil
from pathlib import Path

from tests.paper.piles import Pile
from tests.paper.scans import scan
from tests.paper.truth import Truth, load, path_beside

VARIABLE = "KORRIGO_PAPER_CACHE"


def shelved_scan(pile: Pile, path: Path, *, dpi: int = 200, shelf: Path | None = None) -> Truth:
    """Scan as `scan` does, or take the same scan from the shelf or from $KORRIGO_PAPER_CACHE."""
    place = shelf or (Path(os.environ[VARIABLE]) if VARIABLE in os.environ else None)
    if place is None:
        return scan(pile, path, dpi=dpi)
    kept = place / _key(pile, dpi, path.name) / path.name
    if not path_beside(kept).exists():
        scan(pile, kept, dpi=dpi)
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(kept, path)
    shutil.copyfile(path_beside(kept), path_beside(path))
    return load(path)


def _key(pile: Pile, dpi: int, name: str) -> str:
    """Name a scan by everything that decides its bytes, the drawing code included."""
    digest = hashlib.sha256(repr((pile, dpi, name)).encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:32]
