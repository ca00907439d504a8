"""Pools: units of work, each owned by one machine at a time, and shared out among them.

| room | what lives there |
|---|---|
| keys | where what is kept |
| definitions | what a unit is, and editing that |
| view | what a machine sees of a pool, and being told when to look again |
| ownership | one unit that we own |
| tenancy | owning units: trying for one, being asked for it, giving it up |
| obtaining | owning what is free |
| asking | asking others for what they own |
| plan | which machine should own which unit: a pure function |
| share | one round: claiming and asking for what the plan gives us |
| balancing | when there is a round |
| listing | what anybody may see |
"""
