"""What ingest tells and orders, as messages of the contract."""

from __future__ import annotations

from typing import assert_never

from google.protobuf.message import Message
from korrigo.ingest.v1 import ingest_events_pb2 as facts
from korrigo.ingest.v1 import ingest_pb2 as nouns
from korrigo.rasterizer.v1 import rasterizer_work_pb2 as work

from ingest.domain.copy import StagedCopyChanged
from ingest.domain.export import ExportChanged, ExportRequested
from ingest.domain.ledger import LedgerChanged, Open
from ingest.domain.news import Fact, Work
from ingest.domain.preparation import CopyReady, ExtractCopy, ExtractPage
from ingest.domain.results import ResultsAnnounced
from ingest.domain.scan import InspectScan, RenderSides, ScanChanged, ScanReceived
from ingest.wire.names import copy_state, export_state, scan_state, work_crop


def fact(news: Fact) -> Message:
    """Write a fact."""
    match news:
        case ScanReceived():
            return facts.ScanReceived(scan_id=news.scan_id, exam_id=news.exam_id, batch_id=news.batch_id)
        case ScanChanged():
            return _scan_changed(news)
        case StagedCopyChanged():
            return facts.StagedCopyChanged(
                copy_id=news.copy_id, exam_id=news.exam_id, version=news.version, state=copy_state(news.state)
            )
        case LedgerChanged():
            return facts.LedgerChanged(
                exam_id=news.exam_id, version=news.version, open=[opened(kind) for kind in news.open]
            )
        case CopyReady():
            return _copy_ready(news)
        case ExportRequested():
            return facts.ExportRequested(export_id=news.export_id, exam_id=news.exam_id)
        case ExportChanged():
            return facts.ExportChanged(
                export_id=news.export_id, exam_id=news.exam_id, state=export_state(news.state)
            )
        case ResultsAnnounced():
            return facts.ResultsAnnounced(
                exam_id=news.exam_id,
                exam_name=news.exam_name,
                release=news.release,
                account_ids=news.account_ids,
            )
        case _:
            assert_never(news)


def order(news: Work) -> Message:
    """Write a piece of work; its verb is the message's name."""
    match news:
        case InspectScan():
            return work.InspectScan(
                scan_id=news.scan_id, exam_id=news.exam_id, sha256=news.sha256, scan_key=news.scan_key
            )
        case RenderSides():
            return work.RenderSides(
                scan_id=news.scan_id,
                exam_id=news.exam_id,
                sha256=news.sha256,
                scan_key=news.scan_key,
                sides=news.sides,
                split_a3=news.split_a3,
            )
        case ExtractCopy():
            return work.ExtractCopy(
                copy_id=news.copy_id,
                exam_id=news.exam_id,
                pages_version=news.pages_version,
                pdf_key=news.pdf_key,
                pages=[_extract_page(page) for page in news.pages],
            )
        case _:
            assert_never(news)


def opened(kind: Open) -> nouns.Open:
    """Write one kind of undecided thing."""
    return nouns.Open(reason=kind.reason, count=kind.count)


def _scan_changed(news: ScanChanged) -> Message:
    return facts.ScanChanged(
        scan_id=news.scan_id,
        exam_id=news.exam_id,
        batch_id=news.batch_id,
        version=news.version,
        state=scan_state(news.state),
        sides=news.sides,
        sides_rendered=news.sides_rendered,
        sides_failed=news.sides_failed,
        copies=news.copies,
    )


def _copy_ready(news: CopyReady) -> Message:
    pages = [
        facts.ReadyPage(
            page_id=page.page_id,
            image=page.image,
            thumbnail=page.thumbnail,
            width=page.width,
            height=page.height,
        )
        for page in news.pages
    ]
    return facts.CopyReady(
        copy_id=news.copy_id,
        exam_id=news.exam_id,
        pages_version=news.pages_version,
        pdf_key=news.pdf_key,
        pages=pages,
    )


def _extract_page(page: ExtractPage) -> work.ExtractPage:
    return work.ExtractPage(
        page_id=page.page_id,
        scan_key=page.source.scan_key,
        sha256=page.source.sha256,
        side=page.side,
        crop=work_crop(page.crop),
        rotation=page.rotation,
        image_key=page.source.image_key,
        thumbnail_key=page.source.thumbnail_key,
        areas=[work.Area(x=a.x, y=a.y, width=a.width, height=a.height) for a in page.areas],
    )
