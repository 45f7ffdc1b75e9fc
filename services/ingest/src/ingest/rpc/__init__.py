"""The methods of ingest, by noun."""

from __future__ import annotations

from korrigo.ingest.v1.ingest_service_pb2 import DESCRIPTOR

from ingest.rpc.intake import IntakeMethods
from ingest.rpc.results import ResultMethods
from ingest.rpc.roster import RosterMethods
from ingest.rpc.staging import StagingMethods

SERVICE = DESCRIPTOR.services_by_name["IngestService"].full_name


class IngestService(IntakeMethods, StagingMethods, RosterMethods, ResultMethods):
    """Everything that ingest answers."""
