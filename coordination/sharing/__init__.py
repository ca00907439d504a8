"""Records of many locks, units or members on one session: what keeps, proves and forgets them.

A manager has one shared session for each ttl it is asked for. Each contender is a record on it, in
the queue of its name. One beat renews the session and proves the records; what was given up without
a definite answer is looked for until it is certainly gone.

| room | what lives there |
|---|---|
| keeping | what all of this needs of a manager |
| sharing | the shared sessions and the lines of one manager |
| believed | how long a shared session may be believed in |
| session | one shared session: its ledger, its end |
| place | one contender's record, from before it is written until it is gone |
| asking | the queue of a name and proofs, on stores with and without fast paths |
| beating | the beat: renew, prove, clear away |
| leaving | removing what nobody wants any more |
| sentinel | the record by which others tell a session that they broke, or ask for, something |
| notes | what a sentinel says |
| waiter, line, lines, lookout | who waits for a name in this process, and how they learn their turn |
| turns | a fair mutex for recipes |
| values | what a contender's record says |
"""
