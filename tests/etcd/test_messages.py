"""The messages: in a pool of their own, readable both ways, and deaf to what they do not know."""

from __future__ import annotations

import subprocess
import sys

import pytest
from google.protobuf import descriptor_pool
from hypothesis import given
from hypothesis import strategies as st

from coordination.stores.etcd.messages import PACKAGE, message
from coordination.stores.etcd.schema import MESSAGES

NAMES = [line.split()[0] for line in MESSAGES.split("\n") if line and not line.startswith(" ")]
INT64 = st.integers(-(2**63), 2**63 - 1)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_in_the_common_pool(name: str) -> None:
    """So no other library's definitions can collide with ours."""
    assert message(name).DESCRIPTOR.full_name == f"{PACKAGE}.{name}"
    with pytest.raises(KeyError):
        descriptor_pool.Default().FindMessageTypeByName(f"{PACKAGE}.{name}")


def test_all_of_the_schema_is_there() -> None:
    """Every message once, with every field that the schema names."""
    assert len(NAMES) == len(set(NAMES)) > 25
    fields = [word for word in MESSAGES.split() if ":" in word]
    assert sum(len(message(name).DESCRIPTOR.fields) for name in NAMES) == len(fields)


@given(st.binary(), st.binary(), INT64, INT64, st.booleans())
def test_round_trips(key: bytes, value: bytes, lease: int, revision: int, succeeded: bool) -> None:
    """What is written is read, nested messages and extreme numbers included."""
    put = message("PutRequest")(key=key, value=value, lease=lease)
    compare = message("Compare")(target=2, key=key, mod_revision=revision)
    inner = message("TxnRequest")(compare=[compare], success=[message("RequestOp")(request_put=put)])
    outer = message("TxnRequest")(success=[message("RequestOp")(request_txn=inner)] * 2)
    again = message("TxnRequest").FromString(outer.SerializeToString())
    assert again == outer
    assert again.success[1].request_txn.compare[0].mod_revision == revision
    assert again.success[1].request_txn.success[0].request_put.value == value
    answer = message("TxnResponse")(succeeded=succeeded, header={"revision": revision})
    assert message("TxnResponse").FromString(answer.SerializeToString()).header.revision == revision


def test_the_bytes_are_those_of_etcd() -> None:
    """Field numbers and types as in etcd's published API: these bytes were written down by hand."""
    put = message("PutRequest")(key=b"k", value=b"v", lease=5, prev_kv=True)
    assert put.SerializeToString() == b"\x0a\x01k\x12\x01v\x18\x05\x20\x01"
    grant = message("LeaseGrantRequest")(TTL=10, ID=300)
    assert grant.SerializeToString() == b"\x08\x0a\x10\xac\x02"
    compare = message("Compare")(target=1, key=b"k", create_revision=0)
    assert compare.SerializeToString() == b"\x10\x01\x1a\x01k\x28\x00"  # a oneof shows also its zero
    watch = message("WatchRequest")(create_request={"key": b"k", "watch_id": 3})
    assert watch.SerializeToString() == b"\x0a\x05\x0a\x01k\x38\x03"


def test_the_bytes_of_what_contenders_ask() -> None:
    """The same, for the fields that queues, departures and proofs take."""
    compare = message("Compare")(target=1, key=b"k", range_end=b"l", create_revision=0)
    assert compare.SerializeToString() == b"\x10\x01\x1a\x01k\x28\x00\x82\x04\x01l"
    look = message("RangeRequest")(
        limit=1, sort_order=2, sort_target=2, keys_only=True, max_create_revision=9
    )
    assert look.SerializeToString() == b"\x18\x01\x28\x02\x30\x02\x40\x01\x68\x09"
    watch = message("WatchCreateRequest")(key=b"k", filters=[0])
    assert watch.SerializeToString() == b"\x0a\x01k\x2a\x01\x00"
    assert message("LeaseTimeToLiveRequest")(ID=5, keys=True).SerializeToString() == b"\x08\x05\x10\x01"
    listed = message("LeaseTimeToLiveResponse").FromString(b"\x10\x05\x18\x09\x2a\x01k\x2a\x01l")
    assert (listed.TTL, list(listed.keys)) == (9, [b"k", b"l"])


@given(st.integers(100, 2**20), st.binary(max_size=100))
def test_unknown_fields_are_skipped(number: int, content: bytes) -> None:
    """A later etcd may say more than we know."""
    known = message("PutResponse")(header={"revision": 7}).SerializeToString()
    unknown = _varint(number << 3 | 2) + _varint(len(content)) + content
    for raw in (unknown + known, known + unknown):
        assert message("PutResponse").FromString(raw).header.revision == 7


def _varint(number: int) -> bytes:
    head = bytes([number & 0x7F | (0x80 if number > 0x7F else 0)])
    return head + (_varint(number >> 7) if number > 0x7F else b"")


OTHER = """
import sys
from google.protobuf import descriptor_pb2, descriptor_pool
def theirs():
    file = descriptor_pb2.FileDescriptorProto(name="rpc.proto", package="etcdserverpb", syntax="proto3")
    file.message_type.add(name="PutRequest").field.add(name="other", number=1, type=9, label=1)
    descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
def ours():
    from coordination.stores.etcd.messages import message
    assert message("PutRequest")(key=b"k").SerializeToString() == b"\\x0a\\x01k"
for step in sys.argv[1:]:
    {"theirs": theirs, "ours": ours}[step]()
print("both")
"""


@pytest.mark.parametrize("order", [["theirs", "ours"], ["ours", "theirs", "ours"]])
def test_beside_other_definitions_of_etcd(order: list[str]) -> None:
    """Another client's generated code, loaded before us or after."""
    ran = subprocess.run([sys.executable, "-c", OTHER, *order], capture_output=True, text=True, check=False)
    assert (ran.stdout.strip(), ran.stderr) == ("both", "")
