"""OP-03: no request waits for PDF work."""

from collections.abc import Iterator

from ctl.gate.journeys import Journey
from ctl.gate.trial import Trial, share
from ctl.gate.verdict import Evidence, judged, not_shown

CLAIM = "OP-03 waits"
#: What handing over a file may take, however many pages it has.
HANDED_OVER_SECONDS = 5.0
#: What is flat: 95 of 100 answers within the objective of a page turn, or hardly later than before.
FLAT_SECONDS = 0.5
FLAT_TIMES = 3


def observed(journey: Journey | None, hours: float) -> Iterator[Evidence]:
    """Compare when the newest upload was answered with when its pages were made."""
    if journey is None or not journey.is_whole:
        yield not_shown(CLAIM, f"no file was handed over and rendered in the last {hours:g} h")
        return
    yield judged(
        CLAIM,
        holds=journey.answered_after < HANDED_OVER_SECONDS,
        said=(
            f"handing a file over was answered in {journey.answered_after:.2f} s, "
            f"its pages were made until {journey.worked_on_for:.1f} s later"
        ),
    )


def tried(trial: Trial) -> Iterator[Evidence]:
    """Compare answers before and while a large file was worked on."""
    quiet, busy = share(trial.before, 0.95), share(trial.during, 0.95)
    yield judged(
        CLAIM,
        holds=busy < max(FLAT_SECONDS, FLAT_TIMES * quiet) and trial.slowest_of_upload < HANDED_OVER_SECONDS,
        said=(
            f"{trial.sides} pages took {trial.seconds:.0f} s; meanwhile 95 of 100 answers came within "
            f"{busy * 1000:.0f} ms ({quiet * 1000:.0f} ms before), no request of the upload took "
            f"more than {trial.slowest_of_upload:.2f} s"
        ),
    )
