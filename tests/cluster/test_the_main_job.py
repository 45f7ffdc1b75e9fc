"""The main job by clicks and keys, as told elsewhere, through the ingress of a cluster."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import album, window  # noqa: F401 fixtures of the story
from tests.browser.screens import chromium_path
from tests.browser.test_the_main_job import *  # noqa: F403 the same story
from tests.cluster import kube
from tests.cluster.installation import Installation


@pytest.fixture(scope="module")
def chromium(system: Installation) -> Iterator[Browser]:
    """The browser, which finds the host at the cluster's ingress; clients in Python check the certificate."""
    arguments = (
        "--no-sandbox",
        f"--host-resolver-rules=MAP {system.host} {kube.ingress_address()}",
        "--ignore-certificate-errors",
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(arguments))
        yield browser
        browser.close()
