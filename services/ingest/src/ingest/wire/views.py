"""The nouns of the contract, as the office and students see them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from google.protobuf.timestamp_pb2 import Timestamp
from korrigo.ingest.v1 import ingest_pb2 as nouns
from korrigo.ingest.v1 import ingest_service_pb2 as service

from ingest.domain.batch import Batch
from ingest.domain.copy import Copy
from ingest.domain.export import Export
from ingest.domain.export import State as ExportState
from ingest.domain.ledger import Ledger
from ingest.domain.page import Page
from ingest.domain.roster import Line
from ingest.domain.scan import Scan
from ingest.domain.side import Side
from ingest.domain.student import Student
from ingest.domain.zones import Area, Zone
from ingest.wire import names
from ingest.wire.announce import opened


def batch(it: Batch, scans: Iterable[Scan] = ()) -> nouns.Batch:
    """Show a batch with its scans."""
    created = Timestamp()
    created.FromDatetime(it.created_at)
    return nouns.Batch(
        id=it.id,
        exam_id=it.exam_id,
        name=it.name,
        mode=names.mode(it.layout.mode),
        sides_per_copy=it.layout.sides_per_copy,
        created_at=created,
        scans=map(scan, scans),
    )


def scan(it: Scan) -> nouns.Scan:
    """Show a scan."""
    received = Timestamp()
    received.FromDatetime(it.received_at)
    return nouns.Scan(
        id=it.id,
        batch_id=it.batch_id,
        exam_id=it.exam_id,
        file_name=it.file_name,
        sha256=it.sha256,
        bytes=it.bytes,
        state=names.scan_state(it.state),
        reason=it.reason,
        dismissal=it.dismissal,
        replaced_by=it.replaced_by or "",
        duplicate_of=it.duplicate_of or "",
        sides=it.sides,
        sides_rendered=it.rendered,
        sides_failed=it.failed,
        copies=it.copies,
        version=it.version,
        received_at=received,
    )


def page(it: Page) -> nouns.Page:
    """Show a page with the images the office may see."""
    return nouns.Page(
        id=it.id,
        scan_id=it.scan_id,
        side=it.side,
        crop=names.crop(it.crop),
        rotation=it.rotation,
        is_blank=it.is_blank,
        image=it.image,
        thumbnail=it.thumbnail,
        preview=it.preview,
        width=it.width,
        height=it.height,
        set_aside_reason=it.set_aside_reason or "",
        copy_id=it.copy_id or "",
    )


def copy(it: Copy) -> nouns.StagedCopy:
    """Show a staged copy."""
    return nouns.StagedCopy(
        id=it.id,
        exam_id=it.exam_id,
        number=it.number,
        state=names.copy_state(it.state),
        reason=it.reason,
        pages=map(page, it.pages),
        student_id=it.student_id or "",
        student_name=it.student_name,
        version=it.version,
        scan_id=it.scan_id,
        home=nouns.Home(copy_id=it.home.copy_id, number=it.home.number, page=it.home.position)
        if it.home
        else None,
    )


def failed_side(it: Side) -> nouns.FailedSide:
    """Show a side without a page."""
    return nouns.FailedSide(
        scan_id=it.scan_id,
        file_name=it.file_name,
        side=it.number,
        reason=it.reason,
        attempts=it.attempts,
        set_aside_reason=it.set_aside_reason,
    )


def exception(it: Scan | Side | Page) -> service.ListExceptionsResponse:
    """Show one thing that did not go as it should, as a part of the list."""
    match it:
        case Scan():
            return service.ListExceptionsResponse(refused_scans=[scan(it)])
        case Side():
            return service.ListExceptionsResponse(failed_sides=[failed_side(it)])
        case Page():
            return service.ListExceptionsResponse(set_aside_pages=[page(it)])
        case _:
            assert_never(it)


def ledger(it: Ledger) -> nouns.Ledger:
    """Show the sums of an exam."""
    return nouns.Ledger(
        version=it.version,
        sides=it.sides,
        sides_pending=it.sides_pending,
        sides_rendered=it.sides_rendered,
        sides_failed=it.open.sides_failed,
        sides_set_aside=it.sides_set_aside,
        pages=it.pages,
        pages_on_copies=it.pages_on_copies,
        pages_set_aside=it.pages_set_aside,
        pages_waiting=it.open.pages_waiting,
        scans_open=it.open.scans_open,
        scans_refused=it.open.scans_refused,
        copies=it.copies,
        copies_staged=it.open.copies_staged,
        copies_preparing=it.open.copies_preparing,
        copies_ready=it.copies_ready,
        copies_failed=it.open.copies_failed,
        copies_late=it.open.copies_late,
        copies_unlinked=it.open.copies_unlinked,
        students=it.students,
        students_without_copy=it.students_without_copy,
        open=[opened(kind) for kind in it.open.reasons()],
    )


def zone(it: Zone) -> nouns.Zone:
    """Show an identity zone."""
    area = it.area
    return nouns.Zone(page=it.page, every=it.every, x=area.x, y=area.y, width=area.width, height=area.height)


def zone_of(message: nouns.Zone) -> Zone:
    """Read an identity zone."""
    return Zone(message.page, message.every, Area(message.x, message.y, message.width, message.height))


def student(it: Student) -> nouns.Student:
    """Show a student of the roster."""
    return nouns.Student(
        id=it.id,
        exam_id=it.exam_id,
        last_name=it.last_name,
        first_name=it.first_name,
        birth_date=it.birth_date.isoformat() if it.birth_date else "",
        email=it.email,
        class_name=it.class_name,
        group_name=it.group_name,
        presence=names.presence(it.presence),
        copy_id=it.copy_id or "",
        account_id=it.account_id or "",
    )


def roster_line(it: Line) -> nouns.RosterLine:
    """Show what became of a line."""
    return nouns.RosterLine(line=it.number, outcome=it.outcome, detail=it.detail)


def export(it: Export) -> nouns.Export:
    """Show an export; its file is named once it is there."""
    return nouns.Export(
        id=it.id,
        exam_id=it.exam_id,
        state=names.export_state(it.state),
        file_name=it.file_name,
        key=it.key if it.state is ExportState.READY else "",
        reason=it.reason,
    )
