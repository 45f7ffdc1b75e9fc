"""
The one rule by which messages of the contract become JSON and back.

Names stay as in the proto. Enums are lower-case words without their prefix, 64-bit integers are numbers,
timestamps are ISO strings in UTC, an absent optional field or message is null. `model` gives the same shape
as a pydantic model, so that the API's description follows the contract.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, Literal, TypeVar

import orjson
from fastapi import Response
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import BaseModel, create_model

from gateway.refusals import BodyInvalid

M = TypeVar("M", bound=Message)

TIMESTAMP = Timestamp.DESCRIPTOR.full_name
#: Never leaves the gateway: keys of the object store.
HIDDEN = frozenset({"key", "pdf_key", "blob_key"})

PLAIN: Mapping[int, type] = {
    FieldDescriptor.CPPTYPE_INT32: int,
    FieldDescriptor.CPPTYPE_INT64: int,
    FieldDescriptor.CPPTYPE_UINT32: int,
    FieldDescriptor.CPPTYPE_UINT64: int,
    FieldDescriptor.CPPTYPE_DOUBLE: float,
    FieldDescriptor.CPPTYPE_FLOAT: float,
    FieldDescriptor.CPPTYPE_BOOL: bool,
    FieldDescriptor.CPPTYPE_STRING: str,
}


def as_json(message: Message, *, without: Collection[str] = HIDDEN) -> dict[str, Any]:
    """The JSON object of a message."""
    return {
        field.name: _value(message, field, without)
        for field in message.DESCRIPTOR.fields
        if field.name not in without
    }


def reply(content: Message | BaseModel | Mapping[str, Any], status: int = 200, **headers: str) -> Response:
    """A JSON response of a message, of an answer of the gateway's own, or of a ready object."""
    return Response(orjson.dumps(_object(content)), status, headers, media_type="application/json")


def _object(content: Message | BaseModel | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(content, Message):
        return as_json(content)
    return content.model_dump(mode="json") if isinstance(content, BaseModel) else content


def items(messages: Collection[Message], next_page_token: str = "") -> Response:
    """A JSON list response."""
    return reply({"items": [as_json(one) for one in messages], "next_page_token": next_page_token})


def as_message(kind: type[M], values: Mapping[str, Any]) -> M:
    """The message of a JSON object; null and missing are absent."""
    message = kind()
    for name, value in values.items():
        if value is not None:
            try:
                _set(message, message.DESCRIPTOR.fields_by_name[name], value)
            except (ValueError, TypeError) as error:  # a number that the contract's type cannot hold
                raise BodyInvalid(field=name) from error
    return message


def model(kind: type[Message]) -> type[BaseModel]:
    """The pydantic model of a message's JSON, for the API's description."""
    return _model(kind.DESCRIPTOR)


def listing(kind: type[Message]) -> type[BaseModel]:
    """The pydantic model of a list of messages."""
    return _listing(kind.DESCRIPTOR)


@lru_cache
def _listing(descriptor: Any) -> type[BaseModel]:
    fields: dict[str, Any] = {"items": (list[_model(descriptor)], ...), "next_page_token": (str, "")}  # type: ignore[misc] # made at run time
    return create_model(f"{descriptor.name}List", **fields)


def _value(message: Message, field: Any, without: Collection[str]) -> Any:
    value = getattr(message, field.name)
    if field.is_repeated:
        return [_single(one, field, without) for one in value]
    if field.has_presence and not message.HasField(field.name):
        return None
    return _single(value, field, without)


def _single(value: Any, field: FieldDescriptor, without: Collection[str]) -> Any:
    if field.enum_type is not None:
        return _word(field.enum_type, value)
    if field.message_type is None:
        return value
    if field.message_type.full_name == TIMESTAMP:
        return value.ToJsonString()
    return as_json(value, without=without)


def _set(message: Message, field: Any, value: Any) -> None:
    if field.is_repeated:
        target = getattr(message, field.name)
        target.extend([_parsed(field, one, target) for one in value])
    elif field.message_type is not None:
        kind = type(getattr(message, field.name))
        getattr(message, field.name).CopyFrom(as_message(kind, value))
        getattr(message, field.name).SetInParent()
    else:
        setattr(message, field.name, _parsed(field, value, None))


def _parsed(field: FieldDescriptor, value: Any, target: Any) -> Any:
    if field.message_type is not None:
        return as_message(GetMessageClass(field.message_type), value)
    if field.enum_type is not None:
        return field.enum_type.values_by_name[_prefix(field.enum_type) + value.upper()].number
    return value


def _prefix(enum: EnumDescriptor) -> str:
    return str(enum.values_by_number[0].name).removesuffix("UNSPECIFIED")


def _word(enum: EnumDescriptor, number: int) -> str:
    return str(enum.values_by_number[number].name).removeprefix(_prefix(enum)).lower()


@lru_cache
def _model(descriptor: Any) -> type[BaseModel]:
    shown = [field for field in descriptor.fields if field.name not in HIDDEN]
    fields: dict[str, Any] = {field.name: (_type(field), ...) for field in shown}
    with warnings.catch_warnings():
        # The contract has fields named `copy`, which BaseModel has as a method.
        warnings.simplefilter("ignore", UserWarning)
        return create_model(descriptor.name, **fields)


def _type(field: FieldDescriptor) -> Any:
    single: Any = _single_type(field)
    if field.is_repeated:
        return list[single]
    return single | None if field.has_presence else single


def _single_type(field: FieldDescriptor) -> Any:
    if field.enum_type is not None:
        words = tuple(_word(field.enum_type, value.number) for value in field.enum_type.values)
        return Literal[words]
    if field.message_type is None:
        return PLAIN[field.cpp_type]
    return str if field.message_type.full_name == TIMESTAMP else _model(field.message_type)
