"""What notification is told wrongly stops it with a sentence."""

from __future__ import annotations

import pytest
from kit.testing import Keys
from notification.settings import NotificationSettings

GOOD = {
    "KORRIGO_DSN": "postgresql://notification@127.0.0.1/korrigo",
    "KORRIGO_NATS_URL": "nats://notification@127.0.0.1:4222",
    "KORRIGO_GRPC_PORT": "0",
    "KORRIGO_SMTP_URL": "smtp://127.0.0.1:25",
    "KORRIGO_MAIL_FROM": "Korrigo <exams@school.example>",
    "KORRIGO_PUBLIC_URL": "https://korrigo.example",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, keys: Keys) -> None:
    """Tell everything rightly."""
    identity = {
        "KORRIGO_SIGNING_KEY": keys.private["notification"],
        "KORRIGO_PUBLIC_KEYS": keys.public,
    }
    for name, value in (GOOD | identity).items():
        monkeypatch.setenv(name, value)


def test_good_settings_load() -> None:
    assert NotificationSettings.load().mail_from == GOOD["KORRIGO_MAIL_FROM"]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SMTP_URL", "mail:25", "must be smtp://, smtp+starttls:// or smtps:// with a host"),
        ("PUBLIC_URL", "korrigo.example", "must be a URL that begins with http:// or https://"),
        (
            "MAIL_FROM",
            "Korrigo",
            "must be an e-mail address, perhaps with a name: Korrigo <exams@school.example>",
        ),
    ],
)
def test_a_bad_value_is_refused_with_a_sentence(
    name: str,
    value: str,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(f"KORRIGO_{name}", value)

    with pytest.raises(SystemExit):
        NotificationSettings.load()

    assert capsys.readouterr().err == f"korrigo: KORRIGO_{name}: {sentence}\n"
