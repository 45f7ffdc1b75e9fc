"""What an installer reads: warnings about this installation, then the next step."""

import pytest

from .chart import Values, notes

WARNINGS: list[tuple[Values, str]] = [
    ({"services": {"grading": {"replicas": 1}}}, "the loss of a node interrupts: grading."),
    (
        {"services": {"grading": {"podDisruptionBudget": {"maxUnavailable": 0}}}},
        "no node with such a pod is ever drained: grading.",
    ),
    ({"ingress": {"enabled": False}}, "nothing leads browsers to the Service gateway"),
    ({}, "ingress.tlsSecretName is empty"),
    ({}, "trustedProxies names no proxy"),
    ({"networkPolicies": {"enabled": False}}, "any pod of the cluster can call every service"),
    ({}, "to is empty for nats, postgres, s3"),
    ({"cronJobs": {"backup": {"suspend": True}}}, "backups are made by hand only"),
    ({"cronJobs": {"backup": {"enabled": False}, "drill": {"enabled": False}}}, "you back up the database"),
    ({"sweep": {"delete": False}}, "told of, not removed"),
    ({"logLevel": "DEBUG"}, "logs are large"),
    ({"image": {"tag": "latest"}}, "nobody can tell what runs"),
]


@pytest.mark.parametrize(("values", "warning"), WARNINGS, ids=[warning for _, warning in WARNINGS])
def test_an_installer_is_warned_of(values: Values, warning: str) -> None:
    assert warning in notes(values)


def test_a_careful_installation_has_no_warnings() -> None:
    assert "Know about this installation" not in notes(case="prod")


def test_the_next_step_makes_the_first_administrator() -> None:
    said = notes()

    assert "helm test korrigo" in said
    assert "python -m gateway invite --role admin" in said
