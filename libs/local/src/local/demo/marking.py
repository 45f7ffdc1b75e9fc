"""Mark a demo copy as a marker would at the desk: marks, ticks, a remark, an appreciation."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from local.demo.people import DemoFailedError, Person

_RED = "#cc1f1f"
#: Quarters of the maximum given to the questions, in turn.
_QUARTERS = (4, 3, 4, 2)
_REMARK = "Bon raisonnement. Rédigez chaque étape : donnée ⇒ calcul ⇒ phrase de réponse."
_APPRECIATION = "Travail sérieux. Relisez vos calculs, vous ne les vérifiez pas toujours."


def finalize(marker: Person, exam_id: str, copy_id: str) -> None:
    """Mark every question and finalize."""
    path = f"/exams/{exam_id}/copies/{copy_id}"
    acts = _record(marker, path, list(_whole(marker.get(f"{path}/marking"))))
    marker.send("POST", f"{path}/finalize", {"journal_id": acts[0]["journal_id"], "last_sequence": len(acts)})


def begin(marker: Person, exam_id: str, copy_id: str) -> None:
    """Mark the first question and leave the rest."""
    path = f"/exams/{exam_id}/copies/{copy_id}"
    _record(marker, path, list(_whole(marker.get(f"{path}/marking")))[:2])


def _record(marker: Person, path: str, what: list[dict[str, Any]]) -> list[dict[str, Any]]:
    lease = marker.send("POST", f"{path}/lease")
    journal = str(marker.id_of(f"{path} journal"))
    acts = [
        _journaled(act, journal, number, marker.id_of(f"{path} {number}"))
        for number, act in enumerate(what, 1)
    ]
    answer = marker.act(f"{path}/acts", {"lease_id": lease["id"], "acts": acts})
    refused = [outcome["reason"] for outcome in answer["outcomes"] if outcome["state"] != "accepted"]
    if refused:
        raise DemoFailedError(f"marking a demo copy: {', '.join(refused)}")
    marker.send("DELETE", f"{path}/lease/{lease['id']}")
    return acts


def _journaled(act: dict[str, Any], journal: str, number: int, act_id: UUID) -> dict[str, Any]:
    if drawing := act.get("put_annotation"):
        act = {"put_annotation": {**drawing, "id": str(act_id)}}
    head = {"act_id": str(act_id), "journal_id": journal, "sequence": number, "base_version": 0}
    return {**head, **act}


def _whole(desk: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    exam, pages = desk["exam"], desk["pages"]
    parents = {question["parent_id"] for question in exam["scheme"]}
    leaves = [question for question in exam["scheme"] if question["id"] not in parents]
    for number, question in enumerate(leaves):
        points = question["maximum"] * _QUARTERS[number % len(_QUARTERS)] // 4
        mark = {"question_id": question["id"], "points": points, "scheme_version": exam["scheme_version"]}
        yield {"set_mark": mark}
        page = pages[number * len(pages) // len(leaves)]
        kind = "tick" if points == question["maximum"] else "cross"
        yield _draw(page, kind, [(0.88, 0.25 + 0.09 * number)], question, size=22)
    yield {"set_remark": {"question_id": leaves[-1]["id"], "text": _REMARK}}
    yield _draw(pages[0], "rectangle", [(0.16, 0.245), (0.7, 0.29)], leaves[0])
    yield _draw(pages[0], "text", [(0.5, 0.215)], leaves[0], size=11, text="Très clair.", box_width=0.3)
    yield {"set_appreciation": {"text": _APPRECIATION}}


def _draw(
    page: Mapping[str, Any],
    kind: str,
    points: list[tuple[float, float]],
    question: Mapping[str, Any],
    **look: Any,
) -> dict[str, Any]:
    annotation = {
        "page_id": page["page_id"],
        "kind": kind,
        "points": [{"x": x, "y": y} for x, y in points],
        "color": _RED,
        "width": 1.5,
        "question_id": question["id"],
        **look,
    }
    return {"put_annotation": annotation}
