"""What a marker writes: each act once, no silent overwriting, no mark that the scheme does not allow."""

from pathlib import Path
from typing import Any

import pytest

from tests import exams
from tests.client import RefusedError
from tests.desk import Desk, appreciation, drawing, mark, remark
from tests.exams import Exam
from tests.paper.students import roster
from tests.people import People
from tests.stories.paper import small

STUDENTS = roster(12, seed=61)
MARKERS = ("colette@lycee.example", "denis@lycee.example")


@pytest.fixture(scope="module")
def exam(people: People, desk_drawer: Path) -> Exam:
    exam = exams.create(people, "Au bureau", STUDENTS)
    for email in MARKERS:
        exam.add_marker(email)
    exam.import_scan(small(desk_drawer, "twelve-copies", STUDENTS, pages=2).file, "every_n_sides", 2)
    exam.open(exam.staged())
    exam.dispatch()
    return exam


@pytest.fixture(scope="module")
def unused(exam: Exam) -> list[dict[str, Any]]:
    """The copies of the first marker that no test has taken yet."""
    return exam.markers[0].items(f"/lots/{exam.id}/copies")


@pytest.fixture
def desk(exam: Exam, unused: list[dict[str, Any]]) -> Desk:
    """A copy that nobody has written on."""
    return Desk(exam.markers[0], exam.id, unused.pop()["id"])


def scheme_version(desk: Desk) -> int:
    return int(desk.marking["exam"]["scheme_version"])


def test_an_act_sent_again_is_stored_once(desk: Desk) -> None:
    request = desk.journaled(drawing(desk.marking["pages"][0], "tick", [(0.5, 0.5)]))

    answers = [desk.marker.call("POST", f"{desk.path}/acts", request) for _ in range(3)]

    assert {answer["outcomes"][0]["state"] for answer in answers} == {"accepted"}
    assert len(desk.marking["annotations"]) == 1


def test_two_tabs_cannot_silently_overwrite_each_other(desk: Desk, exam: Exam, people: People) -> None:
    other = Desk(people.again(MARKERS[0]), exam.id, desk.copy_id)
    question, version = desk.leaves()["2"], scheme_version(desk)
    desk.accept(mark(question, 400, version))

    (late,) = other.record(mark(question, 100, version, seen=0))

    assert (late["state"], late["reason"]) == ("set_aside", "VERSION_CONFLICT")
    assert desk.marks["2"]["points"] == 400
    assert [aside["act"]["set_mark"]["points"] for aside in desk.marking["set_aside"]] == [100]


def test_both_tabs_can_write_about_different_things(desk: Desk, exam: Exam, people: People) -> None:
    other = Desk(people.again(MARKERS[0]), exam.id, desk.copy_id)

    desk.accept(remark(desk.leaves()["2"], "Premier onglet"))
    other.accept(appreciation("Second onglet"))

    shown = desk.marking
    assert ([one["text"] for one in shown["remarks"]], shown["appreciation"]) == (
        ["Premier onglet"],
        "Second onglet",
    )


def test_not_marked_stays_apart_from_zero(desk: Desk) -> None:
    version, leaves = scheme_version(desk), desk.leaves()
    desk.accept(mark(leaves["1.a"], 0, version), mark(leaves["1.b"], 100, version))
    desk.accept(mark(leaves["1.b"], None, version, seen=desk.marks["1.b"]["version"]))

    assert desk.marks["1.a"]["points"] == 0
    assert desk.marks.get("1.b", {"points": None})["points"] is None
    assert desk.marking["copy"]["questions_marked"] == 1


@pytest.mark.parametrize(
    ("points", "reason"),
    [(401, "POINTS_OUT_OF_BOUNDS"), (-25, "POINTS_OUT_OF_BOUNDS"), (33, "POINTS_OFF_STEP")],
)
def test_the_server_checks_bounds_and_step(people: People, exam: Exam, points: int, reason: str) -> None:
    copy = exam.markers[1].items(f"/lots/{exam.id}/copies")[0]
    desk = Desk(exam.markers[1], exam.id, copy["id"])

    (outcome,) = desk.record(mark(desk.leaves()["2"], points, scheme_version(desk)))

    assert (outcome["state"], outcome["reason"]) == ("refused", reason)


def test_finalize_is_refused_with_what_is_not_marked(desk: Desk) -> None:
    leaves = desk.leaves()
    desk.accept(mark(leaves["2"], 400, scheme_version(desk)))

    with pytest.raises(RefusedError) as refused:
        desk.finalize()

    assert (refused.value.status, refused.value.reason) == (409, "COPY_INCOMPLETE")
    missing = str(refused.value.metadata["questions"])
    assert [label for label, leaf in leaves.items() if leaf["id"] in missing] == ["1.a", "1.b", "3"]


def test_a_lease_given_back_is_free_for_a_colleague(exam: Exam) -> None:
    first, second = exam.markers
    copy_id = second.items(f"/lots/{exam.id}/copies")[-1]["id"]
    desk = Desk(second, exam.id, copy_id)
    desk.accept(appreciation("À reprendre"))
    desk.leave()

    exam.send("POST", "/reassignments", from_marker_id=second.id, to_marker_id=first.id)
    taken_over = Desk(first, exam.id, copy_id)

    assert taken_over.marking["appreciation"] == "À reprendre"
    assert taken_over.lease != desk.lease
    assert second.ask("GET", f"{desk.path}/marking").status in (403, 404)
