"""A database refuses an old holder, on reads and on writes: the token lives beside the data.

    python examples/fencing_sql.py file:///var/lib/shop/leases

One machine gets a lease, looks whether it holds it, and is paused before it acts; another gets the lease
meanwhile. The statements are for any SQL database, here SQLite from the standard library; on PostgreSQL
write `%s` for `?` and `BEGIN` for `BEGIN IMMEDIATE`.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from coordination import StaleToken, connect

SCHEMA = (
    "CREATE TABLE fence (name TEXT PRIMARY KEY, token BIGINT NOT NULL)",
    "CREATE TABLE account (name TEXT PRIMARY KEY, amount INTEGER NOT NULL)",
    "INSERT INTO fence VALUES ('accounts', 0)",
    "INSERT INTO account VALUES ('rent', 100)",
)
ENTER = "UPDATE fence SET token = ? WHERE name = ? AND token <= ?"


@contextmanager
def fenced(database: sqlite3.Connection, name: str, token: int) -> Iterator[None]:
    """A transaction under a token; `StaleToken` if a newer one has been here, if only to read.

    The update locks the row until the end of the transaction, so nobody newer comes in between. What was
    read counts once the transaction is committed.
    """
    database.execute("BEGIN IMMEDIATE")
    try:
        if database.execute(ENTER, (token, name, token)).rowcount == 0:
            raise StaleToken(f"token {token} is stale")
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def read(database: sqlite3.Connection, token: int) -> int:
    """What is in the account; from now on older tokens are refused."""
    with fenced(database, "accounts", token):
        amount: int = database.execute("SELECT amount FROM account WHERE name = 'rent'").fetchone()[0]
    return amount


def write(database: sqlite3.Connection, token: int, amount: int) -> None:
    """Set what is in the account."""
    with fenced(database, "accounts", token):
        database.execute("UPDATE account SET amount = ? WHERE name = 'rent'", (amount,))


def refused(act: Callable[[], object]) -> str:
    """Why the act was refused; the program ends if it was not."""
    try:
        act()
    except StaleToken as refusal:
        return f"refused, {refusal}"
    sys.exit("an old holder was let in")


def main(url: str) -> int:
    """Let the old holder come too late; 0 if the account has what the new one made of it."""
    with (
        closing(sqlite3.connect(":memory:", isolation_level=None)) as database,
        connect(url, machine_id="old") as machine,
        connect(url, machine_id="new") as other,
    ):
        for statement in SCHEMA:
            database.execute(statement)

        old = machine.wait_lease("accounts", period=2, timeout=60)
        amount = read(database, old.token)
        old.check()
        print(f"old: token {old.token}, reads {amount}, holds the lease, and is paused: nothing renews it")

        with other.wait_lease("accounts", period=30, timeout=60) as new:
            newer = read(database, new.token)
            print(f"new: token {new.token}, reads {newer}")
            print("old: wakes up, and writes:", refused(lambda: write(database, old.token, amount + 10)))
            print("old: reads again:", refused(lambda: read(database, old.token)))
            print("old: insists:", refused(lambda: write(database, old.token, amount + 10)))
            write(database, new.token, newer + 1)
            total = read(database, new.token)
            print(f"new: adds 1; there are {total}")
    return 0 if total == 101 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
