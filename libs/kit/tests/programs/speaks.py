"""Log in every way a service does; the test reads the lines."""

import logging

from kit import telemetry
from kit.settings import Settings


class SpeakingSettings(Settings):
    """What the process is told."""

    service: str = "speaks"


def main() -> None:
    """Speak with ids and without, through the standard library, and of a failure."""
    telemetry.start(SpeakingSettings())
    log = telemetry.get_logger()
    with telemetry.bind(request_id="r-1", event_id="e-1"), telemetry.tracer().start_as_current_span("work"):
        log.info("scan_sealed", pages=3)
    log.info("outside")
    log.debug("below the level")
    log.info("page_served", chatty=True)
    logging.getLogger("library").warning("%s is odd", "this")
    try:
        raise ValueError("bad page")
    except ValueError:
        log.exception("scan_failed")


if __name__ == "__main__":
    main()
