"""The figures of issue 1: leases on files and memory. Each topic is a module with `figures()`."""

TOPICS = (
    "imports",
    "speed",
    "names",
    "takeover",
    "naive_takeover",
    "crash",
    "exits",
    "clocks",
    "clone",
    "suites",
    "coverage",
)
