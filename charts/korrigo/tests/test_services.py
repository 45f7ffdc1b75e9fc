"""Services, and the Ingress and route before them."""

from .chart import render


def test_each_port_is_found_under_the_services_name() -> None:
    services = render().of("Service")

    assert set(services) == {"gateway", "ingest", "grading", "notification"}
    assert [(each["name"], each["port"]) for each in services["gateway"]["spec"]["ports"]] == [("http", 80)]
    assert [(each["name"], each["port"]) for each in services["ingest"]["spec"]["ports"]] == [("grpc", 50051)]


def test_services_have_one_address_each() -> None:
    assert not any("clusterIP" in each["spec"] for each in render().of("Service").values())


def test_a_service_selects_its_server_and_not_its_consumer() -> None:
    selector = render().of("Service")["ingest"]["spec"]["selector"]
    labels = {
        name: each["spec"]["template"]["metadata"]["labels"]
        for name, each in render().of("Deployment").items()
    }

    assert [name for name, found in labels.items() if selector.items() <= found.items()] == ["ingest"]


def test_alertmanager_finds_notification_if_it_may_post() -> None:
    ports = [each["port"] for each in render(case="full").of("Service")["notification"]["spec"]["ports"]]

    assert ports == [50051, 9000]


def test_the_ingress_leads_to_the_gateway_only() -> None:
    ingress = render(case="full").of("Ingress")["gateway"]

    rule = ingress["spec"]["rules"][0]
    assert rule["host"] == "exams.school.example"
    assert [path["backend"]["service"]["name"] for path in rule["http"]["paths"]] == ["gateway"]
    assert ingress["spec"]["tls"] == [{"hosts": ["exams.school.example"], "secretName": "exams-tls"}]
    assert ingress["spec"]["ingressClassName"] == "nginx"


def test_the_host_is_without_the_port() -> None:
    ingress = render({"publicUrl": "https://exams.school.example:8443"}).of("Ingress")["gateway"]

    assert ingress["spec"]["rules"][0]["host"] == "exams.school.example"


def test_the_ingress_can_be_left_out() -> None:
    assert not render({"ingress": {"enabled": False}}).of("Ingress")


def test_a_route_attaches_to_the_gateway_that_is_named_and_never_ends_live_events() -> None:
    route = render(case="full").of("HTTPRoute")["gateway"]["spec"]

    assert route["parentRefs"] == [{"name": "public", "namespace": "gateways", "sectionName": "https"}]
    assert route["hostnames"] == ["exams.school.example"]
    assert route["rules"][0]["timeouts"] == {"request": "0s"}
    assert not render().of("HTTPRoute")
