"""OP-01: a request is followed by its id through every service's log to the last page's image."""

from collections.abc import Iterator

from ctl.gate.journeys import PASSES, Journey
from ctl.gate.trial import Trial
from ctl.gate.verdict import Evidence, failed, judged, not_shown, shown

CLAIM = "OP-01 followed"


def observed(journey: Journey | None, hours: float) -> Iterator[Evidence]:
    """Follow the newest upload that the logs tell of."""
    if journey is None:
        yield not_shown(CLAIM, f"no file was handed over in the last {hours:g} h")
    elif journey.is_whole:
        yield shown(CLAIM, _told(journey))
    elif journey.missing:
        yield failed(CLAIM, f"request {journey.request_id} is not told of by {', '.join(journey.missing)}")
    else:
        yield not_shown(CLAIM, f"request {journey.request_id} is still being worked on")


def tried(trial: Trial, journey: Journey) -> Iterator[Evidence]:
    """Follow the upload that was just made; its last page must be there to be seen."""
    yield judged(
        CLAIM,
        holds=journey.is_whole and trial.last_image_bytes > 0,
        said=f"{_told(journey)}; the image of page {trial.sides} is there"
        if journey.is_whole
        else f"request {journey.request_id} passed not: {', '.join(journey.missing) or 'every page'}",
    )


def _told(journey: Journey) -> str:
    return (
        f"request {journey.request_id} is told of by {', '.join(PASSES)}, "
        f"and ingest heard of {len(journey.heard)} pieces of rendering"
    )
