"""`python -m coordination.cli`: the command, where no script is installed."""

from coordination.cli import main

main()
