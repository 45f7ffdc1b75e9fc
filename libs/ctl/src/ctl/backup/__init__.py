"""
Keep what an installation knows: the database as one dump, and the list of the files that belong to it.

Files themselves stay where they are: they never change once written, and the store keeps them. A backup
says which there must be, with their hashes, so that a restore can name what is missing.
"""

from ctl.backup.archive import Archive, BackupNotFound
from ctl.backup.dumps import DumpFailed
from ctl.backup.record import Backup
from ctl.backup.rehearsal import Drill, DrillFailed, drill
from ctl.backup.returning import Restored, RestoreRefused, restore
from ctl.backup.taking import BackupRunning, take

__all__ = [
    "Archive",
    "Backup",
    "BackupNotFound",
    "BackupRunning",
    "Drill",
    "DrillFailed",
    "DumpFailed",
    "RestoreRefused",
    "Restored",
    "drill",
    "restore",
    "take",
]
