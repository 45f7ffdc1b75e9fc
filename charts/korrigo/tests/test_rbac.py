"""Accounts and rights: one account for each workload; only jobs that tell Events may do anything."""

from .chart import CASES, render


def test_every_pod_has_an_account_of_its_own() -> None:
    for case in CASES:
        rendered = render(case=case)
        accounts = {spec["serviceAccountName"] for _, spec in rendered.pods()}
        assert accounts == set(rendered.of("ServiceAccount"))


def test_no_account_mounts_a_token_by_itself() -> None:
    assert not any(each["automountServiceAccountToken"] for each in render().of("ServiceAccount").values())


def test_jobs_may_create_events_and_nothing_else() -> None:
    roles = render().of("Role")

    assert set(roles) == {"migrate", "migrate-back", "backup", "drill", "operations"}
    for role in roles.values():
        assert role["rules"] == [{"apiGroups": [""], "resources": ["events"], "verbs": ["create"]}]


def test_each_role_is_bound_to_the_account_of_its_name() -> None:
    for name, binding in render().of("RoleBinding").items():
        assert binding["roleRef"]["name"] == name
        assert [each["name"] for each in binding["subjects"]] == [name]


def test_nothing_reaches_beyond_the_namespace() -> None:
    kinds = {each["kind"] for each in render(case="full").objects}

    assert not kinds & {"ClusterRole", "ClusterRoleBinding"}
    assert {
        each["metadata"]["namespace"] for each in render(case="full").objects if each["kind"] != "ConfigMap"
    } == {"default"}


def test_accounts_carry_a_clouds_identity() -> None:
    accounts = render(case="full").of("ServiceAccount")

    assert accounts["ingest"]["metadata"]["annotations"] == {
        "eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/korrigo"
    }
    assert accounts["backup"]["metadata"]["annotations"]["eks.amazonaws.com/role-arn"].endswith("backup")
    assert accounts["migrate"]["metadata"]["annotations"]["eks.amazonaws.com/role-arn"].endswith("backup")
