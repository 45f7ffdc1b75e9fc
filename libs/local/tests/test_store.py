"""The S3 server keeps objects and asks for its key."""

from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
from local import store
from local.store import Store
from obstore.exceptions import PermissionDeniedError
from obstore.store import S3Store


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "s3", secret_key="secret-of-this-test")
    made.start()
    yield made
    made.kill()


def client(server: Store, secret_key: str) -> S3Store:
    return S3Store(
        store.BUCKET,
        endpoint=server.endpoint,
        region=store.REGION,
        access_key_id=store.ACCESS_KEY,
        secret_access_key=secret_key,
        client_options={"allow_http": True},
        virtual_hosted_style_request=False,
    )


def test_objects_stay_and_need_the_key(server: Store) -> None:
    obstore.put(client(server, server.secret_key), "scans/a.pdf", b"pages")
    with pytest.raises(PermissionDeniedError):
        obstore.get(client(server, "guess"), "scans/a.pdf")

    server.stop()
    server.start()

    assert bytes(obstore.get(client(server, server.secret_key), "scans/a.pdf").bytes()) == b"pages"
