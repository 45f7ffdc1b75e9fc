"""The gateway's own refusals; a message is a sentence for a person."""

from __future__ import annotations

from kit.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    Unavailable,
)
from kit.errors import Unauthenticated as NotSignedIn


class Unauthenticated(NotSignedIn):
    """Sign in to continue."""


class WrongCredentials(NotSignedIn):
    """This e-mail address and password do not match."""


class TooManyAttempts(ResourceExhausted):
    """Too many failed attempts; wait a little before trying again."""


class ForeignOrigin(PermissionDenied):
    """This request did not come from Korrigo's own pages."""


class CsrfMismatch(PermissionDenied):
    """This page is out of date; reload it and try again."""


class NotAllowed(PermissionDenied):
    """Your role does not allow this."""


class NothingHere(NotFound):
    """There is nothing here, or not for you."""


class LinkUnknown(NotFound):
    """This link is not known."""


class LinkUsed(FailedPrecondition):
    """This link was already used; ask for a new one."""


class LinkExpired(FailedPrecondition):
    """This link has expired; ask for a new one."""


class PasswordWeak(InvalidArgument):
    """Choose a longer password that is not one of the common ones."""


class RoleConflict(FailedPrecondition):
    """Nobody can be both office and marker of the same anonymous exam."""


class NotMarker(FailedPrecondition):
    """Copies can only be given to markers of this exam."""


class OwnAccount(FailedPrecondition):
    """Nobody can disable their own account."""


class LastOffice(FailedPrecondition):
    """An exam keeps at least one person in its office."""


class FileTooLarge(InvalidArgument):
    """This file is larger than this installation accepts."""


class ChunkInvalid(InvalidArgument):
    """This piece of the file does not have the expected size."""


class ChunksMissing(FailedPrecondition):
    """Some pieces of the file have not arrived yet."""


class UploadCompleted(FailedPrecondition):
    """This file was handed over already."""


class UploadsBusy(Unavailable):
    """Many files are arriving at once; this piece is sent again in a moment."""


class BodyInvalid(InvalidArgument):
    """Something in the request is not as expected."""


class RequestIdReused(InvalidArgument):
    """This request id was already used for something else."""
