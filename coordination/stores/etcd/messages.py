"""The message classes, built from `schema.py` in a descriptor pool of our own.

In a private pool nothing collides: a program may load `etcd3`, or any other client that brings
generated code for etcd, before or after us. It works from protobuf 3.20.2 on.
"""

from __future__ import annotations

import re
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from coordination.stores.etcd.schema import MESSAGES

PACKAGE = "coordination.etcd"

_Field = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "bool": _Field.TYPE_BOOL,
    "bytes": _Field.TYPE_BYTES,
    "int32": _Field.TYPE_INT32,
    "int64": _Field.TYPE_INT64,
    "string": _Field.TYPE_STRING,
    "uint64": _Field.TYPE_UINT64,
}


def _described() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="coordination/etcd.proto", package=PACKAGE, syntax="proto3"
    )
    for line in re.sub(r"\n {8,}", " ", MESSAGES).split("\n"):
        if line:
            name, *fields = line.split()
            message = file.message_type.add(name=name)
            for field in fields:
                _describe(message, field)
    return file


def _describe(message: descriptor_pb2.DescriptorProto, text: str) -> None:
    name, number, kind = text.rstrip("*|").split(":")
    field = message.field.add(name=name, number=int(number))
    field.label = _Field.LABEL_REPEATED if text.endswith("*") else _Field.LABEL_OPTIONAL
    if kind in _TYPES:
        field.type = _TYPES[kind]
    else:
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
    if text.endswith("|"):
        if not message.oneof_decl:
            message.oneof_decl.add(name="choice")
        field.oneof_index = 0


def _classes() -> dict[str, Any]:
    file = _described()
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    # protobuf before 4.22 knows only the second way, protobuf 5 and later only the first.
    factory: Any = message_factory
    made = getattr(factory, "GetMessageClass", None) or factory.MessageFactory(pool).GetPrototype
    return {
        message.name: made(pool.FindMessageTypeByName(f"{PACKAGE}.{message.name}"))
        for message in file.message_type
    }


_CLASSES = _classes()


def message(name: str) -> Any:
    """The class of that name."""
    return _CLASSES[name]
