"""Name every way in which a file, a side or a slice can be turned down."""

from enum import StrEnum


class RefusalReason(StrEnum):
    """Say why a whole file is refused."""

    NOT_A_PDF = "NOT_A_PDF"
    ENCRYPTED = "ENCRYPTED"
    DAMAGED = "DAMAGED"
    EMPTY = "EMPTY"
    TOO_MANY_SIDES = "TOO_MANY_SIDES"
    TOO_LARGE = "TOO_LARGE"
    TOO_COSTLY = "TOO_COSTLY"
    BAD_ANNOTATIONS = "BAD_ANNOTATIONS"


SENTENCES = {
    RefusalReason.NOT_A_PDF: "This file is not a PDF.",
    RefusalReason.ENCRYPTED: "This PDF asks for a password; save it without one and send it again.",
    RefusalReason.DAMAGED: "This PDF is cut off or damaged; scan or export it again.",
    RefusalReason.EMPTY: "This PDF has no pages.",
    RefusalReason.TOO_MANY_SIDES: "This PDF has too many pages; split it and send the parts.",
    RefusalReason.TOO_LARGE: "This PDF is too large; split it and send the parts.",
    RefusalReason.TOO_COSTLY: "This PDF asks for more time or memory than a scan can need.",
    RefusalReason.BAD_ANNOTATIONS: "The annotations do not fit this PDF or do not follow the format.",
}


class Refused(Exception):  # noqa: N818 -- an answer, not an error
    """The file is refused as a whole."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(SENTENCES[reason])
        self.reason = reason


class FailureReason(StrEnum):
    """Say why one side could not be turned into an image."""

    NO_SUCH_SIDE = "NO_SUCH_SIDE"
    TOO_MANY_PIXELS = "TOO_MANY_PIXELS"
    DAMAGED_IMAGE = "DAMAGED_IMAGE"
    DAMAGED_CONTENT = "DAMAGED_CONTENT"
    OUT_OF_MEMORY = "OUT_OF_MEMORY"
    OUT_OF_TIME = "OUT_OF_TIME"
    CRASHED = "CRASHED"


class SideFailed(Exception):  # noqa: N818 -- an answer, not an error
    """One side of the file failed; the others are not concerned."""

    def __init__(self, reason: FailureReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class KillReason(StrEnum):
    """Say which limit ended a slice."""

    MEMORY = "memory"
    CPU = "cpu"
    WALL = "wall"
    SIGNAL = "signal"


FAILURE_OF_KILL = {
    KillReason.MEMORY: FailureReason.OUT_OF_MEMORY,
    KillReason.CPU: FailureReason.OUT_OF_TIME,
    KillReason.WALL: FailureReason.OUT_OF_TIME,
    KillReason.SIGNAL: FailureReason.CRASHED,
}


class SliceKilled(Exception):  # noqa: N818 -- says what happened
    """The sandbox ended a slice; the lines that it had told stay true."""

    def __init__(self, reason: KillReason) -> None:
        super().__init__(f"slice ended by its {reason} limit" if reason != "signal" else "slice crashed")
        self.reason = reason


class SliceFailed(Exception):  # noqa: N818 -- says what happened
    """A job raised an error that nobody expected; the message is its last line."""
