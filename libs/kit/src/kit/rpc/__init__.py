"""gRPC between services: who may call what, refusals across the wire, deadlines handed down."""

from kit.rpc.access import Access, NotAllowed, allowed, caller
from kit.rpc.client import Peer, PeerUnavailable
from kit.rpc.server import Server
from kit.rpc.status import refusal_from

__all__ = [
    "Access",
    "NotAllowed",
    "Peer",
    "PeerUnavailable",
    "Server",
    "allowed",
    "caller",
    "refusal_from",
]
