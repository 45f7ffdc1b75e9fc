"""Deliveries and what they say. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from kit.errors import FailedPrecondition, InvalidArgument, NotFound

#: Tries that a mail server answered with a refusal; an unreachable server is not a try.
MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
#: How long one sender may hold a delivery before another takes it.
CLAIM = timedelta(minutes=3)
#: How soon an unreachable server is tried again.
OUTAGE_PAUSE = timedelta(seconds=10)
#: How soon with the mail during which it went away: after the others, which it may have nothing to do with.
INTERRUPTED_PAUSE = timedelta(seconds=30)

#: Nothing that a mail's header reads as more than one plain address.
ADDRESS = re.compile(r"""[^@\s<>()\[\]\\,;:"]+@[^@\s<>()\[\]\\,;:"]+""")


class Kind(StrEnum):
    INVITATION = "INVITATION"
    PASSWORD_RESET = "PASSWORD_RESET"
    RESULTS_RELEASED = "RESULTS_RELEASED"


class State(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


#: Every legal move, and no other. The diagram in docs/states.md is drawn from it.
MOVES: Mapping[str, tuple[frozenset[State], State]] = {
    "send": (frozenset({State.WAITING}), State.SENT),
    "fail": (frozenset({State.WAITING}), State.FAILED),
}


class IdInvalid(InvalidArgument):
    """This is not an id."""


class ContactInvalid(InvalidArgument):
    """A contact needs an e-mail address and one of the known languages."""


class KindUnknown(InvalidArgument):
    """There is no message of this kind."""


class ContactUnknown(NotFound):
    """It is not known where this account can be reached."""


class WrongState(FailedPrecondition):
    """This delivery has already ended."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Where an account can be reached."""

    account_id: UUID
    email: str
    name: str
    language: str

    def check(self) -> None:
        """Refuse what no mail could be written to."""
        if not ADDRESS.fullmatch(self.email) or self.language not in FOR_EXAM:
            raise ContactInvalid(account=str(self.account_id))


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one account, as the browser lists it."""

    id: UUID
    account_id: UUID
    kind: Kind
    exam_id: str
    exam_name: str
    created_at: datetime
    is_read: bool


@dataclass(frozen=True, slots=True)
class DeliveryEnded:
    delivery_id: UUID
    is_sent: bool
    reason: str


@dataclass(slots=True)
class Delivery:
    """The e-mail of one message; its link is forgotten once it is sent."""

    id: UUID
    account_id: UUID
    kind: Kind
    exam_name: str
    link: str
    state: State
    attempts: int
    reason: str
    created_at: datetime
    pause: timedelta = field(default=timedelta())
    news: list[DeliveryEnded] = field(default_factory=list)

    def send(self) -> None:
        """Note that the mail server took it."""
        self._move("send")
        self.link = ""
        self.news.append(DeliveryEnded(self.id, is_sent=True, reason=""))

    def fail(self, reason: str) -> None:
        """Give it up."""
        self._move("fail")
        self.link, self.reason = "", reason
        # What a mail server says after its code may name the person; a fact never does.
        self.news.append(DeliveryEnded(self.id, is_sent=False, reason=reason.partition(" ")[0]))

    def refuse(self, reason: str, *, is_final: bool) -> None:
        """Note that the mail server refused it: try again later, or give it up."""
        self.attempts += 1
        self.reason = reason
        if is_final or self.attempts >= MAX_ATTEMPTS:
            self.fail(reason)
        else:
            self.pause = min(FIRST_PAUSE * 2 ** (self.attempts - 1), LONGEST_PAUSE)

    def postpone(self, reason: str, *, was_in_hand: bool = False) -> None:
        """Note that no mail server was reached; this is no try."""
        self.reason, self.pause = reason, INTERRUPTED_PAUSE if was_in_hand else OUTAGE_PAUSE

    def _move(self, name: str) -> None:
        allowed, target = MOVES[name]
        if self.state not in allowed:
            raise WrongState(delivery=str(self.id), state=self.state, move=name)
        self.state = target


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many deliveries wait, and how long the oldest has."""

    count: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Letter:
    """What an e-mail says."""

    subject: str
    text: str


SUBJECTS: Mapping[tuple[Kind, str], str] = {
    (Kind.INVITATION, "fr"): "Votre accès à Korrigo",
    (Kind.INVITATION, "en"): "Your access to Korrigo",
    (Kind.PASSWORD_RESET, "fr"): "Choisir un nouveau mot de passe",
    (Kind.PASSWORD_RESET, "en"): "Choose a new password",
    (Kind.RESULTS_RELEASED, "fr"): "Vos résultats sont disponibles : {exam}",
    (Kind.RESULTS_RELEASED, "en"): "Your results are available: {exam}",
}

TEXTS: Mapping[tuple[Kind, str], str] = {
    (Kind.INVITATION, "fr"): (
        "Bonjour {name},\n\nUn compte Korrigo a été préparé pour vous{for_exam}. "
        "Choisissez votre mot de passe avec ce lien, valable une seule fois pendant trois jours :\n\n"
        "{link}\n\n"
        "Si vous n'attendiez pas ce message, vous pouvez l'ignorer.\n"
    ),
    (Kind.INVITATION, "en"): (
        "Hello {name},\n\nA Korrigo account has been prepared for you{for_exam}. "
        "Choose your password with this link, which works once within three days:\n\n{link}\n\n"
        "If you did not expect this message, you can ignore it.\n"
    ),
    (Kind.PASSWORD_RESET, "fr"): (
        "Bonjour {name},\n\n"
        "Pour choisir un nouveau mot de passe, suivez ce lien, valable une seule fois :\n\n"
        "{link}\n\nSi vous n'avez rien demandé, ignorez ce message : votre mot de passe reste le même.\n"
    ),
    (Kind.PASSWORD_RESET, "en"): (
        "Hello {name},\n\nTo choose a new password, follow this link, which works once:\n\n"
        "{link}\n\nIf you did not ask for it, ignore this message: your password stays the same.\n"
    ),
    (Kind.RESULTS_RELEASED, "fr"): (
        "Bonjour {name},\n\n"
        "Vos résultats de l'épreuve « {exam} » sont disponibles : note, remarques et copie annotée.\n\n"
        "{link}\n\nConnectez-vous avec votre adresse e-mail. Première visite : choisissez votre "
        "mot de passe avec « Mot de passe oublié ».\n"
    ),
    (Kind.RESULTS_RELEASED, "en"): (
        "Hello {name},\n\nYour results of the exam “{exam}” are available: mark, remarks and your annotated "
        "copy.\n\n{link}\n\nSign in with your e-mail address. First visit: choose your password with "
        "“Forgotten password”.\n"
    ),
}
FOR_EXAM: Mapping[str, str] = {"fr": " pour l'épreuve « {exam} »", "en": " for the exam “{exam}”"}


def letter(delivery: Delivery, contact: Contact, public_url: str) -> Letter:
    """The e-mail of a delivery in its reader's language."""
    key = (delivery.kind, contact.language)
    name, exam = _one_line(contact.name), _one_line(delivery.exam_name)
    for_exam = FOR_EXAM[contact.language].format(exam=exam) if exam else ""
    link = delivery.link or f"{public_url}/results"
    text = TEXTS[key].format(name=name, exam=exam, for_exam=for_exam, link=link)
    return Letter(SUBJECTS[key].format(exam=exam), text)


def _one_line(text: str) -> str:
    """What people typed, as one line: it goes into headers, and must not look like a text of ours."""
    return " ".join(text.split())


def kind_of(name: str) -> Kind:
    """The kind of this name, or a refusal."""
    try:
        return Kind(name)
    except ValueError:
        raise KindUnknown(kind=name) from None
