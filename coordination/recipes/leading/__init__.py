"""Leader election: one record per name, of fleet's contract, and what is told by it.

A leadership is a lease: a session of its own, every renewal moves the index, whoever steals it does so
by the index it saw. What this adds is in the record's metadata under keys that are ours.

| room | what lives there |
|---|---|
| candidate | who wants to lead what, and how patiently; the names of keys and entries |
| tenure | the lease of a leadership: its end is told at once, its value can be proclaimed |
| gate | the lowest version that may lead: it only rises |
| taking | the steps that win the record: a free one, or another's by its index |
| takeover | from an older version: wait until it cannot act any more, and only then lead |
| campaign | waiting until we lead |
| acknowledging | a victim tells that its work has stopped |
| ending | releasing a term, when its work has stopped |
| handover | passing it to one candidate of our choice |
| working | the work that `run` runs under a term, as others may stop it |
| outcome | what became of that work |
| observing | who leads, and each change of that |
| reconciling | doing something now and then, and whenever something happened |
"""
