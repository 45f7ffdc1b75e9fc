"""Every way ingest says no; the docstring is what the user reads."""

from __future__ import annotations

from kit.errors import Aborted, FailedPrecondition, InvalidArgument, NotFound


class BatchUnknown(NotFound):
    """There is no such batch."""


class ScanUnknown(NotFound):
    """There is no such scan."""


class SideUnknown(NotFound):
    """The scan has no such side."""


class CopyUnknown(NotFound):
    """There is no such copy."""


class PageUnknown(NotFound):
    """There is no such page."""


class StudentUnknown(NotFound):
    """There is no such student."""


class ExportUnknown(NotFound):
    """There is no such export."""


class ResultUnknown(NotFound):
    """There is no such result."""


class RenditionUnknown(NotFound):
    """There is no such image."""


class ExamUnknown(NotFound):
    """There is no such exam."""


class NameMissing(InvalidArgument):
    """A name is needed."""


class NameTooLong(InvalidArgument):
    """The name is too long."""


class ModeMissing(InvalidArgument):
    """Say how the sides become copies."""


class SidesPerCopyInvalid(InvalidArgument):
    """The number of sides of a copy does not fit the mode."""


class UploadInvalid(InvalidArgument):
    """The upload names no chunks."""


class TextInvalid(InvalidArgument):
    """A text holds a character that cannot be stored."""


class ReasonMissing(InvalidArgument):
    """A reason is needed."""


class RotationInvalid(InvalidArgument):
    """Pages turn by 0, 90, 180 or 270 degrees."""


class PageRepeated(InvalidArgument):
    """A page is listed twice."""


class PageUnaccounted(InvalidArgument):
    """Each page that leaves the copy must be set aside with a reason."""


class SplitEmpty(InvalidArgument):
    """A copy is split before one of its later pages."""


class MergeWithItself(InvalidArgument):
    """A copy cannot be merged with itself."""


class ZoneInvalid(InvalidArgument):
    """An identity zone must lie on the page."""


class ZonesTooMany(InvalidArgument):
    """There are too many identity zones."""


class ZonesMissing(InvalidArgument):
    """Draw identity zones, or confirm that there are none."""


class PresenceMissing(InvalidArgument):
    """Say whether the student was present."""


class LanguageUnknown(InvalidArgument):
    """Exports are made in French or English."""


class RosterUnreadable(InvalidArgument):
    """The roster is not a text file that can be read."""


class RosterTooLarge(InvalidArgument):
    """The roster is too large."""


class RosterHeaderMissing(InvalidArgument):
    """The first line must name the columns, at least those of the names."""


class BatchFull(FailedPrecondition):
    """The batch has as many files as one may have; open another."""


class SideNotFailed(FailedPrecondition):
    """Only a side that failed waits for a decision."""


class ScanNotReady(FailedPrecondition):
    """The scan is not in a state for this."""


class CopyReadyAlready(FailedPrecondition):
    """The copy is open for marking; its pages stay as they are."""

    reason = "COPY_READY"


class CopyPreparing(FailedPrecondition):
    """The copy is being prepared for marking."""


class CopyConsumed(FailedPrecondition):
    """The copy was merged into another or emptied."""


class CopyTooLong(FailedPrecondition):
    """The copy has too many pages; split it."""


class PageOnAnotherCopy(FailedPrecondition):
    """A page is on another copy."""


class StudentHasCopy(FailedPrecondition):
    """The student has another copy."""


class DifferentStudents(FailedPrecondition):
    """The copies belong to different students."""


class ZonesUndecided(FailedPrecondition):
    """Draw the identity zones, or confirm that there are none, before copies are validated."""


class VersionStale(Aborted):
    """Someone changed it in the meantime; look again."""
