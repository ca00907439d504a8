"""The figures of issue 4, the third of the plan: leases on Consul. Each topic is a module with figures."""

TOPICS = (
    "speed",
    "imports",
    ("keeping", "crash", "members"),
    "handover",
    "loss",
    "names",
    "hostile",
    "security",
    "answers",
    "suites",
)
