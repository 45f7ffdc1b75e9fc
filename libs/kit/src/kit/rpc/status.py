"""Refusals as gRPC statuses and back."""

import grpc
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2  # type: ignore[import-untyped]  # no stubs
from grpc_status import rpc_status

from kit.errors import CATEGORIES, Refusal, refusal_of


def status_of(refusal: Refusal, domain: str) -> grpc.Status:
    """Write a refusal as a status with an ErrorInfo."""
    info = any_pb2.Any()
    info.Pack(error_details_pb2.ErrorInfo(reason=refusal.reason, domain=domain, metadata=refusal.metadata))
    code = code_pb2.Code.Value(refusal.code)
    return rpc_status.to_status(status_pb2.Status(code=code, message=str(refusal), details=[info]))


def refusal_from(error: grpc.aio.AioRpcError) -> Refusal | None:
    """Read the refusal that a peer raised, None when it was a failure."""
    status = rpc_status.from_call(error)  # type: ignore[arg-type]  # takes its metadata all the same
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info) and error.code().name in CATEGORIES:
            return refusal_of(error.code().name, info.reason, error.details() or "", info.metadata)
    return None
