"""The figures of issue 6, the fifth of the plan: leaders, members, pools. Each topic has its module."""

TOPICS = (
    "pool",
    "upgrade",
    "failover",
    "heals",
    "simulator",
    "suites",
)
