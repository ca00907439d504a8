"""A small cluster scheduler: a leader schedules units of work onto machines, which own and run them.

| room | what lives there |
|---|---|
| machine | the process of one machine: it comes, is a candidate for leading, follows, drains, goes |
| leading | the leader's part: live machines and units make a schedule, written while it leads and only then |
| owning | each machine's part: it owns the units that the schedule gives it, and nothing else |
| child | a unit's command as a child process, on a leash |
| work, writer | a command to run: it writes to a fenced resource for as long as the leash allows |

The demo plays it, and docs/scheduler.md walks through it.
"""
