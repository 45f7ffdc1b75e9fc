"""Two messages, built without the compiler."""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_FILE = descriptor_pb2.FileDescriptorProto(
    name="sample/v1/sample.proto",
    package="korrigo.sample.v1",
    syntax="proto3",
    message_type=[
        descriptor_pb2.DescriptorProto(
            name=name,
            field=[
                descriptor_pb2.FieldDescriptorProto(
                    name="text",
                    number=1,
                    type=descriptor_pb2.FieldDescriptorProto.TYPE_STRING,
                    label=descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL,
                )
            ],
        )
        for name in ("Filled", "Emptied", "FillBox")
    ],
)
_POOL = descriptor_pool.Default()
_POOL.Add(_FILE)


def _message(name: str) -> Any:
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"korrigo.sample.v1.{name}"))


Filled = _message("Filled")
Emptied = _message("Emptied")
FillBox = _message("FillBox")
