"""GradingService over gRPC: who may ask, in which transaction, and the messages in and out."""

from korrigo.grading.v1 import grading_service_pb2_grpc as pb_grpc

from grading.rpc.copies import CopyMethods
from grading.rpc.exams import ExamMethods
from grading.rpc.marking import MarkingMethods
from grading.rpc.results import ResultMethods

SERVICE = "korrigo.grading.v1.GradingService"


class GradingService(ExamMethods, CopyMethods, MarkingMethods, ResultMethods, pb_grpc.GradingServiceServicer):
    """All methods of the contract."""


__all__ = ["SERVICE", "GradingService"]
