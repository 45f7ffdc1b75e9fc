"""One name per choice: `STATE_SET_ASIDE` on the wire is `set_aside` here."""

from __future__ import annotations

from korrigo.ingest.v1 import ingest_pb2 as nouns
from korrigo.rasterizer.v1 import rasterizer_events_pb2 as rasterizer_facts
from korrigo.rasterizer.v1 import rasterizer_work_pb2 as work

from ingest.domain import copy, export, scan
from ingest.domain.batch import Crop, Mode
from ingest.domain.student import Presence


def scan_state(state: scan.State) -> nouns.Scan.State.ValueType:
    """Name the state of a scan on the wire."""
    return nouns.Scan.State.Value(f"STATE_{state.name}")


def copy_state(state: copy.State) -> nouns.StagedCopy.State.ValueType:
    """Name the state of a staged copy on the wire."""
    return nouns.StagedCopy.State.Value(f"STATE_{state.name}")


def export_state(state: export.State) -> nouns.Export.State.ValueType:
    """Name the state of an export on the wire."""
    return nouns.Export.State.Value(f"STATE_{state.name}")


def crop(value: Crop) -> nouns.Crop.ValueType:
    """Name a crop for the office."""
    return nouns.Crop.Value(f"CROP_{value.name}")


def work_crop(value: Crop) -> work.Crop.ValueType:
    """Name a crop for the rasterizer."""
    return work.Crop.Value(f"CROP_{value.name}")


def crop_of(face: rasterizer_facts.Face) -> Crop:
    """Read the crop of a rendered face."""
    return Crop[work.Crop.Name(face.crop).removeprefix("CROP_")]


def mode(value: Mode) -> nouns.BatchMode.ValueType:
    """Name a mode on the wire."""
    return nouns.BatchMode.Value(f"BATCH_MODE_{value.name}")


def mode_of(value: nouns.BatchMode.ValueType) -> Mode | None:
    """Read a mode; None unless it is one."""
    if value not in nouns.BatchMode.values():
        return None
    return Mode.__members__.get(nouns.BatchMode.Name(value).removeprefix("BATCH_MODE_"))


def presence(value: Presence) -> nouns.Student.Presence.ValueType:
    """Name a presence on the wire."""
    return nouns.Student.Presence.Value(f"PRESENCE_{value.name}")


def presence_of(value: nouns.Student.Presence.ValueType) -> Presence | None:
    """Read a presence; None unless it is one."""
    if value not in nouns.Student.Presence.values():
        return None
    return Presence.__members__.get(nouns.Student.Presence.Name(value).removeprefix("PRESENCE_"))
