"""`helm test`: one pod asks everything, another must reach nothing."""

import ast

from .chart import render


def test_one_pod_is_korrigos_and_the_other_a_stranger() -> None:
    pods = render().of("Pod")

    assert pods["test-answer"]["metadata"]["labels"]["app.kubernetes.io/component"] == "test"
    assert "app.kubernetes.io/part-of" not in pods["test-stranger"]["metadata"]["labels"]
    assert all(each["metadata"]["annotations"]["helm.sh/hook"] == "test" for each in pods.values())


def test_what_they_run_is_python() -> None:
    for name in ("test-answer", "test-stranger"):
        command = render().of("Pod")[name]["spec"]["containers"][0]["command"]
        assert command[:2] == ["python", "-c"]
        assert ast.parse(command[2])
        assert f"test-{command[3]}" == name


def test_more_objects_of_ones_own_are_templates() -> None:
    assert "korrigo-banner" in render(case="full").of("ConfigMap")
