"""The part of etcd's v3 protocol that we speak, as data: messages and their fields.

Written from the field numbers of etcd's published API (3.4 and 3.5 agree on all of it). What is left
out of a message is skipped when it is read, as protobuf has it. Enumerations are plain int32 here:
the bytes are the same.
"""

from __future__ import annotations

MESSAGES = """
ResponseHeader          cluster_id:1:uint64 member_id:2:uint64 revision:3:int64 raft_term:4:uint64
KeyValue                key:1:bytes create_revision:2:int64 mod_revision:3:int64 value:5:bytes lease:6:int64
Event                   type:1:int32 kv:2:KeyValue

RangeRequest            key:1:bytes range_end:2:bytes limit:3:int64 revision:4:int64 sort_order:5:int32
                        sort_target:6:int32 keys_only:8:bool max_create_revision:13:int64
RangeResponse           header:1:ResponseHeader kvs:2:KeyValue* more:3:bool count:4:int64
PutRequest              key:1:bytes value:2:bytes lease:3:int64 prev_kv:4:bool
PutResponse             header:1:ResponseHeader prev_kv:2:KeyValue
DeleteRangeRequest      key:1:bytes range_end:2:bytes
DeleteRangeResponse     header:1:ResponseHeader deleted:2:int64
Compare                 result:1:int32 target:2:int32 key:3:bytes version:4:int64| create_revision:5:int64|
                        mod_revision:6:int64| value:7:bytes| lease:8:int64| range_end:64:bytes
RequestOp               request_range:1:RangeRequest| request_put:2:PutRequest|
                        request_delete_range:3:DeleteRangeRequest| request_txn:4:TxnRequest|
ResponseOp              response_range:1:RangeResponse| response_put:2:PutResponse|
                        response_delete_range:3:DeleteRangeResponse| response_txn:4:TxnResponse|
TxnRequest              compare:1:Compare* success:2:RequestOp* failure:3:RequestOp*
TxnResponse             header:1:ResponseHeader succeeded:2:bool responses:3:ResponseOp*

LeaseGrantRequest       TTL:1:int64 ID:2:int64
LeaseGrantResponse      header:1:ResponseHeader ID:2:int64 TTL:3:int64 error:4:string
LeaseRevokeRequest      ID:1:int64
LeaseRevokeResponse     header:1:ResponseHeader
LeaseKeepAliveRequest   ID:1:int64
LeaseKeepAliveResponse  header:1:ResponseHeader ID:2:int64 TTL:3:int64
LeaseTimeToLiveRequest  ID:1:int64 keys:2:bool
LeaseTimeToLiveResponse header:1:ResponseHeader ID:2:int64 TTL:3:int64 grantedTTL:4:int64 keys:5:bytes*

WatchRequest            create_request:1:WatchCreateRequest| cancel_request:2:WatchCancelRequest|
WatchCreateRequest      key:1:bytes range_end:2:bytes start_revision:3:int64 filters:5:int32*
                        watch_id:7:int64
WatchCancelRequest      watch_id:1:int64
WatchResponse           header:1:ResponseHeader watch_id:2:int64 created:3:bool canceled:4:bool
                        compact_revision:5:int64 cancel_reason:6:string events:11:Event*

AuthenticateRequest     name:1:string password:2:string
AuthenticateResponse    header:1:ResponseHeader token:2:string
StatusRequest
StatusResponse          header:1:ResponseHeader version:2:string dbSize:3:int64 leader:4:uint64
                        errors:8:string* isLearner:10:bool
"""
"""One message per line: `name:number:type`, with `*` for a repeated field and `|` for one of a oneof."""

EQUAL = 0
CREATE, MOD, LEASE = 1, 2, 4
"""`Compare.result` and `Compare.target`."""

DELETE = 1
"""`Event.type`."""

DESCEND, BY_CREATION = 2, 2
"""`RangeRequest.sort_order` and `RangeRequest.sort_target`."""

NOPUT = 0
"""`WatchCreateRequest.filters`."""
