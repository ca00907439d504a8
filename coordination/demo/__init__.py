"""The demo: the cluster scheduler of `scheduler` on real processes, upgraded, drained, one machine killed.

`director.perform` plays it. What happened is judged by `judge` from the log of the fenced resource alone,
which is what ownership is there to protect; no manager's own view counts.
"""
