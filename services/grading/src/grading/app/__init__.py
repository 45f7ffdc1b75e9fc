"""What can be asked of grading, one verb each, inside a transaction that the edge opened."""

from grading.app import copies, exams, marking, results

__all__ = ["copies", "exams", "marking", "results"]
