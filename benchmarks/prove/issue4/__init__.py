"""The figures of issue 5, the fourth of the plan: locks. Each topic is a module with figures."""

TOPICS = (
    "pairs",
    "contended",
    "contended_consul",
    "loss",
    "churn",
    "simulator",
    ("flat", "stalls", "callbacks"),
    "suites",
)
