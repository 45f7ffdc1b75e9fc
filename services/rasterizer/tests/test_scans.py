"""Scans are what was sealed, or nothing is made of them."""

import hashlib
from pathlib import Path

import pytest
from kit.blobs import Blobs
from rasterizer.scans import FileDamaged, Scans

CONTENT = b"%PDF-1.7 of a student"
KEY = f"scans/{hashlib.sha256(CONTENT).hexdigest()}.pdf"


class Told(list[tuple[str, bool]]):
    """What operators were told."""

    async def report(self, key: str, is_well: bool) -> None:
        self.append((key, is_well))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def scans(blobs: Blobs, tmp_path: Path, told: Told) -> Scans:
    return Scans(blobs, tmp_path / "scans", 1000, told.report)


async def test_a_scan_is_at_hand_as_it_was_sealed(scans: Scans, blobs: Blobs, told: Told) -> None:
    await blobs.put(KEY, CONTENT)

    async with scans.at_hand(KEY) as path:
        assert path.read_bytes() == CONTENT
    assert told == []


async def test_of_a_file_that_was_changed_nothing_is_made_and_operators_are_told(
    scans: Scans, blobs: Blobs, told: Told
) -> None:
    await blobs.put(KEY, CONTENT.replace(b"student", b"STUDENT"))

    with pytest.raises(FileDamaged):
        async with scans.at_hand(KEY):
            pytest.fail("the file is not what was sealed")

    assert told == [(KEY, False)]


async def test_the_end_of_the_damage_is_told_once(scans: Scans, blobs: Blobs, told: Told) -> None:
    await blobs.put(KEY, CONTENT[:-1])
    with pytest.raises(FileDamaged):
        async with scans.at_hand(KEY):
            pytest.fail("the file is not what was sealed")
    await blobs.put(KEY, CONTENT)

    for _ in range(2):
        async with scans.at_hand(KEY):
            pass

    assert told == [(KEY, False), (KEY, True)]
