"""Everything the gateway remembers: accounts, sessions, memberships, links, errands, uploads."""

from gateway.store.accounts import Account, Accounts, AccountState
from gateway.store.errands import Errand, Errands
from gateway.store.links import Link, LinkKind, Links
from gateway.store.members import Member, Members
from gateway.store.sessions import Session, Sessions, Throttle
from gateway.store.tables import METADATA
from gateway.store.uploads import Upload, Uploads

__all__ = [
    "METADATA",
    "Account",
    "AccountState",
    "Accounts",
    "Errand",
    "Errands",
    "Link",
    "LinkKind",
    "Links",
    "Member",
    "Members",
    "Session",
    "Sessions",
    "Throttle",
    "Upload",
    "Uploads",
]
