"""A student that the roster expects."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

#: Sorts homonyms without a birth date last.
UNKNOWN_BIRTH = date.max
#: Where a student stands in the roster: by name, homonyms by birth date.
RosterPlace = tuple[str, date, str]


class Presence(StrEnum):
    """Whether a student sat the exam."""

    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True)
class Student:
    """One expected student."""

    id: str
    exam_id: str
    last_name: str
    first_name: str
    birth_date: date | None = None
    email: str = ""
    class_name: str = ""
    group_name: str = ""
    presence: Presence = Presence.PRESENT
    account_id: str | None = None
    copy_id: str | None = None
    #: Its pages came after the student's copy was validated, and are marked as a copy of their own.
    is_late: bool = False

    @property
    def name(self) -> str:
        return f"{self.last_name} {self.first_name}"

    @property
    def list_place(self) -> RosterPlace:
        return self.name_key, self.birth_date or UNKNOWN_BIRTH, self.id

    @property
    def name_key(self) -> str:
        """Give the names without accents, case and punctuation."""
        return f"{folded(self.last_name)}|{folded(self.first_name)}"


def folded(text: str) -> str:
    """Reduce text to lower-case words without accents or punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", letters))
