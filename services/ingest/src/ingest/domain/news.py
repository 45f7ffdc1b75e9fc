"""Everything that ingest tells or orders."""

from __future__ import annotations

from ingest.domain.copy import StagedCopyChanged
from ingest.domain.export import ExportChanged, ExportRequested
from ingest.domain.ledger import LedgerChanged
from ingest.domain.preparation import CopyReady, ExtractCopy
from ingest.domain.results import ResultsAnnounced
from ingest.domain.scan import InspectScan, RenderSides, ScanChanged, ScanReceived

Fact = (
    ScanReceived
    | ScanChanged
    | StagedCopyChanged
    | LedgerChanged
    | CopyReady
    | ExportRequested
    | ExportChanged
    | ResultsAnnounced
)
Work = InspectScan | RenderSides | ExtractCopy
News = Fact | Work
