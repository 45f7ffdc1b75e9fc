"""Files in a directory and in a bucket: the same promises."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from kit import errors
from kit.blobs import BlobNotFound, Blobs, StoreUnavailable
from kit.settings import BlobSettings
from local.store import ACCESS_KEY, BUCKET, REGION, Store
from pydantic import SecretStr

BIG = 20_000_000


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("s3") / "data", secret_key="a-secret-of-the-tests")
    store.start()
    yield store
    store.stop()


def in_bucket(store: Store, folder: str = "") -> Blobs:
    return Blobs.open(
        BlobSettings(
            blobs_url=f"s3://{BUCKET}{folder}",
            s3_endpoint=store.endpoint,
            s3_region=REGION,
            s3_access_key=ACCESS_KEY,
            s3_secret_key=SecretStr(store.secret_key),
        )
    )


@pytest.fixture(params=["directory", "bucket", "folder"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param != "directory":
        folder = "/exams/2026" if request.param == "folder" else ""
        return in_bucket(request.getfixturevalue("bucket"), folder)
    return Blobs.open(BlobSettings(blobs_url=f"file://{tmp_path}/blobs"))


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """Give a key that no other test uses."""
    return f"scans/{abs(hash(request.node.nodeid))}.pdf"


async def keys(blobs: Blobs, prefix: str) -> list[str]:
    return [key async for key, _ in blobs.list(prefix)]


async def test_what_was_put_is_there(blobs: Blobs, key: str) -> None:
    await blobs.put(key, b"first")
    await blobs.put(key, b"second")

    assert await blobs.get(key) == b"second"
    assert await blobs.size(key) == 6
    assert await blobs.exists(key)


async def test_a_new_file_is_written_by_one_of_many(blobs: Blobs, key: str) -> None:
    written = await asyncio.gather(*(blobs.put_new(key, str(number).encode()) for number in range(6)))

    assert sorted(written) == [False] * 5 + [True]
    assert await blobs.get(key) == str(written.index(True)).encode()


async def test_a_missing_file_is_not_found(blobs: Blobs, key: str, tmp_path: Path) -> None:
    for read in (
        blobs.get(key),
        blobs.size(key),
        blobs.get_file(key, tmp_path / "x"),
        blobs.rename(key, "y"),
    ):
        with pytest.raises(BlobNotFound) as refusal:
            await read
        assert refusal.value.reason == "BLOB_NOT_FOUND"
    await blobs.delete(key)

    assert not await blobs.exists(key)
    assert not list(tmp_path.glob("x*"))


async def test_a_file_comes_and_goes_whole(blobs: Blobs, key: str, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(content := os.urandom(BIG))
    await blobs.put_file(key, tmp_path / "in")
    await blobs.get_file(key, tmp_path / "out")

    assert (tmp_path / "out").read_bytes() == content


async def test_a_part_can_be_read(blobs: Blobs, key: str) -> None:
    await blobs.put(key, bytes(range(100)))

    async def read(start: int | None, end: int | None) -> bytes:
        return b"".join([chunk async for chunk in blobs.stream(key, start, end)])

    assert await read(10, 20) == bytes(range(10, 20))
    assert await read(90, None) == bytes(range(90, 100))
    assert await read(None, 5) == bytes(range(5))
    assert await read(None, None) == bytes(range(100))


async def test_a_file_written_in_chunks_appears_at_the_end(blobs: Blobs, key: str) -> None:
    chunk = os.urandom(1_000_000)
    async with blobs.writer(key) as writer:
        for _ in range(20):
            await writer.write(chunk)
        assert not await blobs.exists(key)

    assert await blobs.get(key) == chunk * 20


async def test_a_writer_that_fails_leaves_nothing(blobs: Blobs, key: str) -> None:
    async def fail() -> None:
        async with blobs.writer(key) as writer:
            for _ in range(20):
                await writer.write(bytes(1_000_000))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()

    assert not await blobs.exists(key)


async def test_an_empty_file_is_a_file(blobs: Blobs, key: str) -> None:
    async with blobs.writer(key):
        pass

    assert await blobs.get(key) == b""


async def test_files_are_listed_and_moved(blobs: Blobs, key: str) -> None:
    await blobs.put(f"{key}/a/1", b"1")
    await blobs.put(f"{key}/a/2", b"22")
    await blobs.put(f"{key}/b/3", b"333")
    await blobs.rename(f"{key}/a/2", f"{key}/b/2")

    assert sorted(await keys(blobs, f"{key}/")) == [f"{key}/a/1", f"{key}/b/2", f"{key}/b/3"]
    assert [size async for _, size in blobs.list(f"{key}/a/")] == [1]


async def test_a_store_that_answers_is_well(blobs: Blobs) -> None:
    await blobs.ping()


async def test_a_lost_directory_is_unavailable_not_empty(tmp_path: Path) -> None:
    blobs = Blobs.open(BlobSettings(blobs_url=f"file://{tmp_path}/blobs"))
    (tmp_path / "blobs").rmdir()

    with pytest.raises(StoreUnavailable):
        await blobs.ping()


async def test_a_bucket_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = Blobs.open(
        BlobSettings(
            blobs_url="s3://korrigo",
            s3_endpoint="http://127.0.0.1:9",
            s3_access_key="key",
            s3_secret_key=SecretStr("secret"),
        )
    )

    with pytest.raises(errors.Unavailable) as refusal:
        await blobs.ping()
    assert refusal.value.reason == "STORE_UNAVAILABLE"
