"""Results as grading tells them, joined to names here and nowhere else."""

from ingest.domain.results.joined import Exam, PageMarks, Question, Result, ResultsAnnounced, announcements
from ingest.domain.results.table import file_name, table

__all__ = [
    "Exam",
    "PageMarks",
    "Question",
    "Result",
    "ResultsAnnounced",
    "announcements",
    "file_name",
    "table",
]
