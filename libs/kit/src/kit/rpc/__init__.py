"""gRPC between services: who may call what, refusals across the wire, deadlines handed down."""

from kit.rpc.access import Access, NotAllowed, allowed, caller
from kit.rpc.client import Peer, PeerUnavailable, connected
from kit.rpc.server import Server
from kit.rpc.status import refusal_from
from kit.rpc.tls import Certificates

__all__ = [
    "Access",
    "Certificates",
    "NotAllowed",
    "Peer",
    "PeerUnavailable",
    "Server",
    "allowed",
    "caller",
    "connected",
    "refusal_from",
]
