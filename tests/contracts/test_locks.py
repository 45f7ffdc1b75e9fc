"""An image runs what was tested: its lock is a part of the lock that every test runs on."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMAGES = ("gateway", "ingest", "grading", "notification", "rasterizer", "ctl", "neighbours")
PINNED = re.compile(r"([\w.-]+)==(\S+)")
#: What only developers run; types-* are for the checker.
TOOLS = re.compile(
    r"types-.*|pip|setuptools|uv|uv-build|pytest.*|ruff|mypy.*|hypothesis|playwright|grpcio-tools|buf-bin"
)


def locked(name: str) -> dict[str, str]:
    """Read the versions of a lock."""
    return dict(PINNED.findall((ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")))


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_holds_what_was_tested_and_no_tool(image: str) -> None:
    held = locked(image)

    assert held.items() <= locked("dev").items()
    assert not [name for name in held if TOOLS.fullmatch(name)]


def test_only_the_rasterizer_holds_pymupdf() -> None:
    holders = {image for image in IMAGES if "pymupdf" in locked(image)}

    assert holders == {"rasterizer"}


@pytest.mark.parametrize("lock", [*IMAGES, "dev", "uv"])
def test_a_lock_names_no_address(lock: str) -> None:
    text = (ROOT / "locks" / f"{lock}.txt").read_text(encoding="utf-8")

    assert "://" not in text
    assert text.count("--hash=sha256:") >= len(locked(lock))
