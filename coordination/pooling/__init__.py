"""What a pool decides without asking a store: pure functions, tested as such.

| room | what lives there |
|---|---|
| plan | which machine should own which unit |
"""
