"""Each account may do in the cluster what its pods do there, and nothing else."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest

from tests.cluster import jobs, kube
from tests.cluster.installation import Installation
from tests.cluster.jobs import JobFailedError
from tests.cluster.kube import CommandFailedError
from tests.cluster.pods import WORKLOADS

#: Whoever tells how it ended by an Event of its Job.
TELLERS = {"backup", "drill", "operations", "migrate", "migrate-back"}
#: Whoever has no word with the cluster.
SILENT = WORKLOADS | {"sweep-ingest", "sweep-grading", "test"}
TELL = ("create", "", "events", "")
#: What a thief of an account would try, as verb, group, resource and subresource.
TEMPTING = [
    ("get", "", "secrets", ""),
    ("list", "", "secrets", ""),
    ("list", "", "pods", ""),
    ("get", "", "pods", "log"),
    ("create", "", "pods", "exec"),
    ("create", "", "pods", ""),
    ("delete", "", "pods", ""),
    ("get", "", "configmaps", ""),
    ("list", "", "events", ""),
    ("delete", "", "events", ""),
    ("create", "", "serviceaccounts", "token"),
    ("patch", "apps", "deployments", ""),
    ("create", "batch", "jobs", ""),
    ("get", "batch", "cronjobs", ""),
    ("create", "rbac.authorization.k8s.io", "rolebindings", ""),
    ("delete", "networking.k8s.io", "networkpolicies", ""),
]
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"
#: Tells its Event, then asks for more than that.
ASK = """
from ctl.cluster import Cluster
from ctl.failure import Failure
cluster = Cluster.open()
cluster.event("Job", "asked", uid=None, reason="Asked", message="An Event was asked for.", is_warning=False)
for ask in (cluster.pods, cluster.secrets, cluster.cron_jobs):
    try:
        print(ask())
    except Failure as refused:
        print(refused)
"""


def accounts(installation: Installation) -> set[str]:
    """Name the accounts of the namespace; that of a way back is there after one only."""
    found = kube.read("serviceaccounts", "-n", installation.namespace)["items"]
    return {each["metadata"]["name"] for each in found}


def test_each_workload_has_an_account_of_its_own(installation: Installation) -> None:
    assert accounts(installation) - {"default", "migrate-back"} == SILENT | TELLERS - {"migrate-back"}


def test_the_rules_for_an_account_are_to_tell_events_at_most(installation: Installation) -> None:
    rules = {name: _rules(installation, name) for name in accounts(installation)}

    assert {name for name, each in rules.items() if each} <= TELLERS
    assert [each for each in rules.values() if each not in ([], [("events", "[create]")])] == []


def test_an_account_is_allowed_what_it_needs_and_refused_the_rest(installation: Installation) -> None:
    asked = list(product(sorted(accounts(installation)), [TELL, *TEMPTING]))

    allowed = _allowed(installation, asked)

    assert allowed == [(name, TELL) for name in sorted(accounts(installation) & TELLERS)]


@pytest.mark.parametrize("workload", sorted(WORKLOADS))
def test_a_pod_without_a_word_for_the_cluster_has_no_token(installation: Installation, workload: str) -> None:
    with pytest.raises(CommandFailedError, match="No such file"):
        installation.kubectl("exec", f"deploy/{workload}", "--", "cat", TOKEN)


def test_a_sweep_has_no_token(installation: Installation) -> None:
    with pytest.raises(JobFailedError, match="No such file"):
        jobs.run(installation, "sweep-ingest", "cat", TOKEN)


def test_a_job_tells_its_event_and_is_refused_more(installation: Installation) -> None:
    said = jobs.run(installation, "operations", "python", "-c", ASK)

    assert "An Event was asked for." in installation.kubectl("events")
    assert said.count("Forbidden (403)") == 3


def _rules(installation: Installation, account: str) -> list[tuple[str, str]]:
    """List what an account may do with objects, beyond asking what it may do."""
    user = f"system:serviceaccount:{installation.namespace}:{account}"
    listed = installation.kubectl("auth", "can-i", "--list", "--as", user).splitlines()[1:]
    rows = [(line.split()[0], "[" + line.rsplit("[", 1)[1]) for line in listed if not line.startswith(" ")]
    return [(resource, verbs) for resource, verbs in rows if not resource.startswith("selfsubject")]


def _allowed(installation: Installation, asked: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Ask the cluster all at once, and give what it allows."""
    reviews = [_review(installation.namespace, account, deed) for account, deed in asked]
    given = json.dumps({"apiVersion": "v1", "kind": "List", "items": reviews})
    allowed = 'jsonpath={.status.allowed}{"\\n"}'
    answers = kube.kubectl("create", "-f", "-", "-o", allowed, given=given).split()
    return [each for each, answer in zip(asked, answers, strict=True) if answer == "true"]


def _review(namespace: str, account: str, deed: tuple[str, str, str, str]) -> dict[str, Any]:
    """Put the question of `kubectl auth can-i`."""
    names = ("verb", "group", "resource", "subresource")
    of_accounts = ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"]
    asked = {
        "user": f"system:serviceaccount:{namespace}:{account}",
        "groups": of_accounts,
        "resourceAttributes": {"namespace": namespace} | dict(zip(names, deed, strict=True)),
    }
    return {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": asked}
