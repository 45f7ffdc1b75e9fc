"""How many pods: HPAs by CPU, KEDA by the queue, and what a drain may take."""

from .chart import Values, render

QUEUE: Values = {"keda": {"enabled": True, "monitoringEndpoint": "nats.nats:8222"}}


def test_gateway_and_rasterizer_scale_by_cpu() -> None:
    scalers = render().of("HorizontalPodAutoscaler")

    assert set(scalers) == {"gateway", "rasterizer"}
    assert scalers["rasterizer"]["spec"]["maxReplicas"] == 8
    assert scalers["gateway"]["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 70


def test_the_queue_takes_the_place_of_cpu_for_the_rasterizer_alone() -> None:
    rendered = render(QUEUE)

    assert set(rendered.of("HorizontalPodAutoscaler")) == {"gateway"}
    assert set(rendered.of("ScaledObject")) == {"rasterizer"}
    assert not render().of("ScaledObject")


def test_every_kind_of_work_is_a_trigger() -> None:
    triggers = render(QUEUE).of("ScaledObject")["rasterizer"]["spec"]["triggers"]

    assert {each["metadata"]["consumer"] for each in triggers} == {
        "InspectScan",
        "RenderSides",
        "ExtractCopy",
        "StampCopy",
    }
    assert all(each["metadata"]["stream"] == "WORK" for each in triggers)
    assert all(each["metadata"]["natsServerMonitoringEndpoint"] == "nats.nats:8222" for each in triggers)


def test_pods_stay_for_a_while_when_the_queue_is_shorter() -> None:
    scaled = render(QUEUE | {"keda": {**QUEUE["keda"], "cooldownSeconds": 45}}).of("ScaledObject")[
        "rasterizer"
    ]
    behavior = scaled["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]

    assert behavior["scaleDown"]["stabilizationWindowSeconds"] == scaled["spec"]["cooldownPeriod"] == 45


def test_a_drain_takes_one_pod_at_a_time_and_waits_for_no_broken_one() -> None:
    budgets = render().of("PodDisruptionBudget")

    assert set(budgets) == set(render().of("Deployment"))
    assert all(each["spec"]["maxUnavailable"] == 1 for each in budgets.values())
    assert all(each["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow" for each in budgets.values())
