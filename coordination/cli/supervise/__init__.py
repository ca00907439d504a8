"""Running a command under a lease or a lock, so that the command never outlives what allows it to run.

Three processes, made before any thread exists, so that no fork ever meets a held mutex:

- the *command*, forked at once but paused: it leads a process group of its own and becomes the
  command when it is told the token. So its group is known, and the terminal can be handed over,
  before one instruction of it runs;
- the *guardian*, in a session of its own, which kills that group when the supervisor vanishes
  (SIGKILL) or stands still (SIGSTOP) past the end of what it last knew of what is held;
- the *supervisor*, which waits for that (`leasing`, `locking`, `electing`), keeps it, and watches it
  (`kept`), the command and signals.

`again` begins all of that anew in a new program, as no fork may happen after threads exist.
`schedule` says when to end a group, `supervisor` does it; nothing here is released before the
group is gone. POSIX only: Windows would need a job object.
"""
