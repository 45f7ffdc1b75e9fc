"""
Facts and work, told in the transaction that made them true and heard at least once.

`tell` and `order` write a row beside the change that they announce; a `Relay` moves rows to
JetStream; a `Consumer` hears facts, a `Worker` does work. Effects happen at most once, an outage
is not a failure, and what fails five times lies in the stream `DEAD` with its reason.
"""

from kit.events.broker import Broker, BrokerUnavailable
from kit.events.consumer import Consumer
from kit.events.dead import Letter, drop, letters, replay, show
from kit.events.live import TooOld, listen
from kit.events.outbox import order, tell
from kit.events.relay import Relay
from kit.events.streams import Durable, NotDeclared, declare
from kit.events.worker import Job, Worker

__all__ = [
    "Broker",
    "BrokerUnavailable",
    "Consumer",
    "Durable",
    "Job",
    "Letter",
    "NotDeclared",
    "Relay",
    "TooOld",
    "Worker",
    "declare",
    "drop",
    "letters",
    "listen",
    "order",
    "replay",
    "show",
    "tell",
]
