"""NetworkPolicies: deny everything, then allow what `talksTo` names, on both sides."""

from .chart import CASES, Manifest, Values, render


def policy(name: str, values: Values | None = None, case: str = "minimal") -> Manifest:
    found: Manifest = render(values, case=case).of("NetworkPolicy")[name]["spec"]
    return found


def components(rules: list[Manifest], side: str) -> set[str]:
    peers = [peer for rule in rules for peer in rule.get(side, []) if "podSelector" in peer]
    return {peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for peer in peers}


def ports(name: str, side: str = "egress") -> set[int]:
    return {port["port"] for rule in policy(name)[side] for port in rule["ports"]}


def test_everything_in_the_namespace_is_denied_first() -> None:
    assert policy("deny") == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_others_in_the_namespace_can_be_left_alone() -> None:
    denied = policy("deny", {"networkPolicies": {"denyOthers": False}})

    assert denied["podSelector"] == {"matchLabels": {"app.kubernetes.io/part-of": "korrigo"}}


def test_every_pod_of_korrigos_has_a_policy() -> None:
    for case in CASES:
        rendered = render(case=case)
        accounts = {spec["serviceAccountName"] for _, spec in rendered.pods()}
        assert accounts | {"deny"} == set(rendered.of("NetworkPolicy"))


def test_who_may_be_called_says_the_same_as_who_calls() -> None:
    policies = {name: each["spec"] for name, each in render().of("NetworkPolicy").items() if name != "deny"}
    calls = {(name, peer) for name, each in policies.items() for peer in components(each["egress"], "to")}
    callers = {
        (peer, name)
        for name, each in policies.items()
        for peer in components(each.get("ingress", []), "from")
    }

    assert calls == callers
    assert ("gateway", "grading") in calls
    assert not any(caller.startswith("grading") for caller, called in calls if called == "ingest")


def test_only_who_needs_it_reaches_the_database() -> None:
    assert 5432 in ports("grading")
    assert 5432 not in ports("rasterizer")
    assert ports("rasterizer") == {53, 4222, 443}
    assert 587 in ports("notification-consume")
    assert 587 not in ports("notification")


def test_consumers_take_no_calls_but_for_metrics() -> None:
    assert ports("grading-consume", "ingress") == {9000}
    assert "ingress" not in policy("backup")


def test_places_narrow_what_may_be_reached() -> None:
    egress = policy("grading", case="full")["egress"]

    database = next(rule for rule in egress if rule["ports"][0]["port"] == 5432)
    assert database["to"] == [{"podSelector": {"matchLabels": {"cnpg.io/cluster": "korrigo"}}}]


def test_traces_may_leave_only_if_there_is_a_collector() -> None:
    assert 4317 not in ports("gateway")
    egress = policy("gateway", case="full")["egress"]
    assert any(port["port"] == 4317 for rule in egress for port in rule["ports"])


def test_operators_webhooks_open_one_workload() -> None:
    values = {"operators": {"targetsInSecret": True}, "endpoints": {"s3": {"ports": [9000]}}}
    web = {"ports": [{"port": 443, "protocol": "TCP"}]}
    policies = render(values).of("NetworkPolicy")

    open_ = [name for name, each in policies.items() if web in each["spec"].get("egress", [])]
    assert open_ == ["notification-consume"]


def test_browsers_come_from_the_ingress_controller_only_if_it_is_named() -> None:
    assert {"ports": [{"port": 8000}]} in policy("gateway")["ingress"]
    assert all("from" in rule for rule in policy("gateway", case="full")["ingress"])


def test_policies_of_hooks_come_before_their_jobs() -> None:
    rendered = render()

    weights = {
        kind: int(rendered.of(kind)["migrate"]["metadata"]["annotations"]["helm.sh/hook-weight"])
        for kind in ("NetworkPolicy", "ServiceAccount", "Role", "RoleBinding", "Job")
    }
    assert all(weight < weights["Job"] for kind, weight in weights.items() if kind != "Job")


def test_the_switch_leaves_none() -> None:
    off = render({"networkPolicies": {"enabled": False}})

    assert not off.of("NetworkPolicy")
    assert "test-stranger" not in off.of("Pod")
