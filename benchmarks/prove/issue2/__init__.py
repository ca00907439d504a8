"""The figures of issue 2: leases on etcd. Each topic is a module with `figures()`."""

TOPICS = (
    "speed",
    "keeping",
    "loss",
    "crash",
    "members",
    "security",
    "tokens",
    "forks",
    "answers",
    "bounds",
    "suites",
)
