"""What a message says about itself."""

from nats.aio.msg import Msg

MESSAGE_ID = "Nats-Msg-Id"


def message_id(msg: Msg) -> str:
    """Name a message as its sender did, or by its place in the stream."""
    named = (msg.headers or {}).get(MESSAGE_ID)
    return named or f"{msg.metadata.stream}-{msg.metadata.sequence.stream}"


def original_id(msg: Msg) -> str:
    """Name what a message tells: a replay has an id of its own, but is about the same event."""
    return message_id(msg).partition("#")[0]


def replay_id(original: str, sequence: int) -> str:
    """Name the replay of a dead letter, so that the stream takes it and the inbox still knows it."""
    return f"{original}#{sequence}"
