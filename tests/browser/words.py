"""
Say on the screen's behalf what it says: the browser app's own messages, by their keys.

`KORRIGO_LANGUAGE` chooses the language of the whole story, French unless told.
"""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGE = os.environ.get("KORRIGO_LANGUAGE", "fr")
LOCALE = {"fr": "fr-FR", "en": "en-GB"}[LANGUAGE]
MESSAGES = Path(__file__).parents[2] / "services" / "web" / "src" / "i18n" / "messages"


def words(key: str, **values: str) -> re.Pattern[str]:
    """Return what matches a message, whole; placeholders without a value match anything."""
    return re.compile(rf"^\s*(?:{spoken(key, **values).pattern})\s*$")


def spoken(key: str, **values: str) -> re.Pattern[str]:
    """Return what finds a message anywhere in a text."""
    return re.compile("|".join(_pattern(text, values) for text in _variants(_messages()[key])))


def spoken_points(french: str) -> str:
    """Write points as the language of the story does."""
    return french if LANGUAGE == "fr" else french.replace(",", ".")


@cache
def _messages() -> dict[str, Any]:
    files = MESSAGES.glob(f"*{LANGUAGE}.json")
    return {key: text for file in files for key, text in json.loads(file.read_text(encoding="utf-8")).items()}


def _variants(message: Any) -> list[str]:
    """A message is a text, or texts by number."""
    if isinstance(message, str):
        return [message]
    return [text for choice in message for text in choice["match"].values()]


def _pattern(text: str, values: dict[str, str]) -> str:
    parts = re.split(r"\{(\w+)\}", text)
    literal, names = parts[::2], parts[1::2]
    filled = [re.escape(values[name]) if name in values else ".*" for name in names]
    return "".join(a + b for a, b in zip(map(re.escape, literal), [*filled, ""], strict=True))
