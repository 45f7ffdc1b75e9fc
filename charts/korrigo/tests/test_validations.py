"""What cannot work is refused with a sentence that says what to do."""

import re
from functools import cache

import pytest

from .chart import CHART, HELMS, Refused, Values, render

CASES: list[tuple[Values, str]] = [
    ({"publicUrl": ""}, "publicUrl is required: give the address that browsers use"),
    ({"publicUrl": "http://exams.school.example"}, "sign-in cookies need https"),
    ({"secrets": {"ingest": ""}}, "secrets.ingest is required: the chart makes no Secret"),
    ({"publicKeys": {"configMapName": ""}}, "publicKeys.configMapName is required"),
    (
        {"publicKeys": {"secretName": "keys"}},
        "publicKeys.configMapName and publicKeys.secretName are both set",
    ),
    ({"blobs": {"url": ""}}, "blobs.url is required: the chart brings no object store"),
    ({"mail": {"from": ""}}, "mail.from is required: give the sender"),
    ({"backup": {"url": ""}}, "backup.url is required for cronJobs.backup"),
    ({"backup": {"url": "s3://exams/backups"}}, "backup.url lies in the bucket of blobs.url"),
    ({"cronJobs": {"backup": {"enabled": False}}}, "cronJobs.drill is enabled without cronJobs.backup"),
    (
        {
            "cronJobs": {"backup": {"enabled": False}, "drill": {"enabled": False}},
            "migrations": {"backupMaxAge": "26h"},
        },
        "migrations.backupMaxAge is set while cronJobs.backup is not enabled",
    ),
    (
        {"migrations": {"approved": ["grading:0008"]}},
        "migrations.approved is set but migrations.approval is not",
    ),
    ({"services": {"rasterizer": None}}, "services.rasterizer is missing"),
    (
        {"cronJobs": {"migrate": {"service": "ctl", "args": ["--help"], "schedule": "@daily"}}},
        "cronJobs.migrate has the name of something else",
    ),
    ({"services": {"ingest": {"talksTo": ["postgers"]}}}, "services.ingest.talksTo names postgers"),
    ({"cronJobs": {"drill": {"talksTo": ["rasterizer"]}}}, "cronJobs.drill.talksTo names rasterizer"),
    (
        {"services": {"ingest": {"terminationGracePeriodSeconds": 40}}},
        "services.ingest.terminationGracePeriodSeconds is 40: it must be 30 above preStopSeconds (14)",
    ),
    (
        {"services": {"gateway": {"autoscaling": {"minReplicas": 9}}}},
        "services.gateway.autoscaling.minReplicas is above maxReplicas",
    ),
    (
        {
            "defaults": {"resources": {"requests": {"cpu": None}}},
            "services": {"gateway": {"resources": {"requests": {"cpu": None}}}},
        },
        "services.gateway.autoscaling is enabled without resources.requests.cpu",
    ),
    ({"keda": {"enabled": True}}, "keda.monitoringEndpoint is required while keda.enabled"),
    (
        {
            "keda": {"enabled": True, "monitoringEndpoint": "nats:8222"},
            "services": {"rasterizer": {"autoscaling": {"enabled": False}}},
        },
        "keda.enabled is set while services.rasterizer.autoscaling is not",
    ),
    ({"mtls": {"certManager": {"enabled": True}}}, "mtls.certManager is enabled while mtls is not"),
    (
        {"mtls": {"enabled": True, "certManager": {"enabled": True}}},
        "mtls.certManager.issuer.name is required",
    ),
    ({"gatewayApi": {"enabled": True}}, "gatewayApi.parentRefs is required"),
    (
        {"metrics": {"annotations": True, "serviceMonitor": {"enabled": True}}},
        "metrics.annotations and metrics.serviceMonitor are both enabled",
    ),
]


@pytest.mark.parametrize("index", range(len(CASES)), ids=[sentence[:50] for _, sentence in CASES])
def test_a_bad_combination_is_refused_with_its_sentence(index: int) -> None:
    assert CASES[index][1] in _said(index)


def test_every_sentence_is_tested() -> None:
    template = (CHART / "templates/validations.yaml").read_text()
    sentences = re.findall(r'fail (?:\(printf )?"([^"]*)"', template)
    said = "\n".join(_said(index) for index in range(len(CASES)))

    assert len(sentences) == template.count("{{- fail ")
    assert [each for each in sentences if not re.search(_pattern(each), said)] == []


@pytest.mark.parametrize("helm", HELMS)
@pytest.mark.parametrize(
    "values",
    [
        {"publicURL": "https://exams.school.example"},
        {"defaults": {"replica": 3}},
        {"services": {"gateway": {"enviroment": {}}}},
        {"cronJobs": {"backup": {"shedule": "@daily"}}},
        {"networkPolicies": {"enable": True}},
        {"migrations": {"allowDestructive": ["0007"]}},
        {"services": {"gateway": {"env": {"KORRIGO_LINK_HOURS": 5}}}},
        {"blobs": {"url": "file:///data"}},
    ],
    ids=str,
)
def test_a_typo_is_refused(values: Values, helm: str) -> None:
    with pytest.raises(Refused, match=r"(?i)schema"):
        render(values, helm=helm)


def test_http_is_taken_for_a_loopback_host_only() -> None:
    assert render({"publicUrl": "http://localhost:8080"}).objects


@cache
def _said(index: int) -> str:
    try:
        render(CASES[index][0])
    except Refused as refused:
        return str(refused)
    return "nothing"


def _pattern(sentence: str) -> str:
    return re.sub(r"%[sd]", r"\\S+", re.escape(sentence))
