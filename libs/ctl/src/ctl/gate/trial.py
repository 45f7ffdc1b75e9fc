"""The experiment that several findings read: many pages go up, and a worker dies in the middle of them."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import uuid4

from ctl.failure import Failure
from ctl.gate.browser import Answer, Browser
from ctl.gate.paper import pile
from ctl.gate.place import Place, Seen

SIDES_PER_COPY = 4
#: The one exam that every run adds a batch to; it cannot be removed, so there is only one.
EXAM = "korrigoctl gate: no exam, may be ignored"
_QUIET_SAMPLES = 40
_PAUSE_SECONDS = 0.1
_LONGEST_SECONDS = 600.0
_ENDED = ("settled", "refused", "duplicate")


@dataclass(frozen=True)
class Trial:
    """What happened."""

    #: Of the request that handed the file over.
    request_id: str
    sides: int
    #: Seconds to each answer of the API, before the upload and while its pages were made.
    before: list[float]
    during: list[float]
    slowest_of_upload: float
    #: From handing the file over to its last page.
    seconds: float
    #: What was done to a worker; "" when none was found at work.
    killed: str
    #: How many messages of the kind it held were handed out again.
    handed_out_again: int
    scan: dict[str, Any]
    copies: list[dict[str, Any]]
    last_image_bytes: int


def run(place: Place, browser: Browser, *, sides: int) -> Trial:
    """Upload, watch, kill a worker, wait for the end."""
    exam, redelivered = _exam(browser), _redelivered(place.look())
    before = [browser.get(exam).seconds for _ in range(_QUIET_SAMPLES)]
    sealed, handed_over, slowest = _upload(browser, exam, sides)
    began = time.monotonic()
    during: list[float] = []
    killed, scan = "", sealed
    for scan in _until_ended(browser, f"{exam}/scans/{sealed['id']}"):
        during.append(browser.get(exam).seconds)
        if not killed and scan["sides_rendered"] > sides / 4 and (busy := _busy(place.look())):
            killed = place.kill(busy.name)
    copies = [each for each in browser.items(f"{exam}/staged-copies") if each["scan_id"] == scan["id"]]
    return Trial(
        request_id=handed_over.request_id,
        sides=sides,
        before=before,
        during=during,
        slowest_of_upload=slowest,
        seconds=time.monotonic() - began,
        killed=killed,
        handed_out_again=(_redelivered(place.look()) - redelivered).total(),
        scan=scan,
        copies=copies,
        last_image_bytes=len(browser.get(f"//i/{_last_image(copies)}").content),
    )


def share(seconds: list[float], part: float) -> float:
    """Tell within how many seconds that part of the answers came."""
    return sorted(seconds)[min(int(len(seconds) * part), len(seconds) - 1)]


def _exam(browser: Browser) -> str:
    """Find the gate's exam or make it; give its path."""
    rows = browser.items("/exams")
    known = next((row["id"] for row in rows if (row["name"], row["role"]) == (EXAM, "office")), None)
    if known:
        return f"/exams/{known}"
    today = datetime.now(UTC).date().isoformat()
    made = browser.send("POST", "/exams", name=EXAM, date=today).json()
    path = f"/exams/{made['id']}"
    question = {"id": str(uuid4()), "label": "1", "maximum": 100}
    browser.send("PUT", f"{path}/scheme", scheme_version=made["scheme_version"], scheme=[question])
    browser.send("PUT", f"{path}/zones", zones=[], none_confirmed=True)
    return path


def _upload(browser: Browser, exam: str, sides: int) -> tuple[dict[str, Any], Answer, float]:
    """Send a new pile in chunks and hand it over; give its scan, the last answer, the slowest one."""
    title = f"gate {datetime.now(UTC):%Y-%m-%d %H:%M} {uuid4().hex[:8]}"
    content = pile(sides, title)
    mode = {"mode": "every_n_sides", "sides_per_copy": SIDES_PER_COPY}
    batch = browser.send("POST", f"{exam}/batches", name=title, **mode).json()
    about = {"exam_id": exam.removeprefix("/exams/"), "batch_id": batch["id"], "file_name": f"{title}.pdf"}
    opened = browser.send("POST", "/uploads", **about, bytes=len(content))
    upload = opened.json()
    size = upload["chunk_bytes"]
    answers = [opened]
    for number in range(upload["chunks"]):
        chunk = content[number * size : (number + 1) * size]
        answers.append(browser.put(f"/uploads/{upload['id']}/{number}", chunk))
    answers.append(browser.send("POST", f"/uploads/{upload['id']}/complete"))
    return answers[-1].json()["scan"], answers[-1], max(answer.seconds for answer in answers)


def _until_ended(browser: Browser, path: str) -> Iterator[dict[str, Any]]:
    """Give the scan as it is, again and again, until it has ended; the last is the end."""
    deadline = time.monotonic() + _LONGEST_SECONDS
    while True:
        scan: dict[str, Any] = browser.get(path).json()
        yield scan
        if scan["state"] in _ENDED:
            return
        if time.monotonic() > deadline:
            raise Failure(f"{scan['sides_rendered']} pages after {_LONGEST_SECONDS:.0f} s: {path}")
        time.sleep(_PAUSE_SECONDS)


def _busy(seen: list[Seen]) -> Seen | None:
    """Find a worker with sides in hand."""
    workers = (each for each in seen if each.workload == "rasterizer")
    in_hand = (each for each in workers if each.figure("korrigo_event_in_hand", consumer="RenderSides"))
    return next(islice(in_hand, 1), None)


def _redelivered(seen: list[Seen]) -> Counter[tuple[str, int]]:
    """Count how often sides were handed out again, by process; one that is started again is another."""
    metric = "korrigo_event_redelivered_total"
    figures = {(each.name, each.restarts): each.figure(metric, consumer="RenderSides") for each in seen}
    return Counter({process: int(figure) for process, figure in figures.items()})


def _last_image(copies: list[dict[str, Any]]) -> str:
    pages = [page for copy in copies for page in copy["pages"]]
    return str(max(pages, key=lambda page: page["side"])["image"])
