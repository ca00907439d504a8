"""Leases as files in one folder of one machine: the embedded default, nothing to install.

`store.py` is the contract; below it, each in a file of its own: where things lie (`layout`), how
they are written (`disk`), who may write (`exclusion`), what a record looks like (`record_file`),
when one is dead (`expiry`, `origin`), sessions, counters, data, and the watch.
"""
