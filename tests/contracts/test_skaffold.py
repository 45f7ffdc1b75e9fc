"""What skaffold builds, deploys and keeps in step is what there is."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SERVICES = {"gateway", "ingest", "grading", "notification", "rasterizer"}


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "skaffold.yaml").read_text(encoding="utf-8"))
    return loaded


def developed(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the artifacts as the profile for developing changes them."""
    profile = next(each for each in config["profiles"] if each["name"] == "dev")
    for patch in profile["patches"]:
        *path, last = patch["path"].strip("/").split("/")
        place: Any = config
        for part in path:
            place = place[int(part)] if part.isdigit() else place[part]
        assert (last in place) == (patch["op"] == "replace")
        place[last] = patch["value"]
    artifacts: list[dict[str, Any]] = config["build"]["artifacts"]
    return artifacts


def test_every_image_is_built_from_a_stage_that_there_is(config: dict[str, Any]) -> None:
    recipe = (ROOT / "services" / "Dockerfile").read_text(encoding="utf-8")
    stages = set(re.findall(r"^FROM .* AS (\w+)$", recipe, re.MULTILINE))

    built = {each["image"]: each["docker"] for each in config["build"]["artifacts"]}

    assert built.keys() == {f"korrigo/{name}" for name in (*SERVICES, "ctl")}
    assert {each["target"] for each in built.values()} | {"dev"} <= stages
    assert all(image == f"korrigo/{each['buildArgs']['SERVICE']}" for image, each in built.items())


def test_the_chart_is_told_every_image(config: dict[str, Any]) -> None:
    [release] = config["deploy"]["helm"]["releases"]

    told = release["setValueTemplates"]

    assert told == {f"image.tags.{name}": f"{{{{.IMAGE_TAG_korrigo_{name}}}}}" for name in (*SERVICES, "ctl")}
    assert (ROOT / release["chartPath"] / "Chart.yaml").exists()
    assert all((ROOT / file).exists() for file in release["valuesFiles"])


def test_changed_code_goes_into_the_pods_of_its_service() -> None:
    config = yaml.safe_load((ROOT / "skaffold.yaml").read_text(encoding="utf-8"))

    synced = {each["image"].split("/")[1]: each for each in developed(config) if "sync" in each}

    assert synced.keys() == SERVICES
    for service, artifact in synced.items():
        strips = [rule["strip"] for rule in artifact["sync"]["manual"]]
        assert strips[:2] == [f"services/{service}/src/", "libs/kit/src/"]
        assert all((ROOT / strip).is_dir() for strip in strips[:2])
        assert artifact["docker"]["target"] == "dev"
