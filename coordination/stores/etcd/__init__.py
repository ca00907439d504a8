"""The store on etcd v3 (3.4 and later), over grpcio.

`opening` makes a store from a URL; `store` is the contract; below it `connection` makes calls that
fail over between members, `keepalives` and `watches` are the two streams, `messages` the protocol.
"""
