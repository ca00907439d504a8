"""The demo: units of work owned through leases by real processes, one of which gets killed.

`director.perform` plays it. What happened is judged by `judge` from the fenced logs alone, which are
the resource that the leases protect; no manager's own view counts.
"""
