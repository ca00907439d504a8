"""What comes and goes while nobody looks is told, and what others write meanwhile is not."""

from __future__ import annotations

import time

from coordination.errors import PermissionDenied
from coordination.stores.consul.message import Answer
from coordination.stores.consul.queries import BURST, RATE
from coordination.stores.consul.watches import Watches
from tests.consul.polled import FakeConsul, FakeLine, eventually
from tests.consul.subscribers import FOLDER, Subscriber, key

PATH = f"/v1/kv/p/{FOLDER}"


def waits(consul: FakeConsul, path: str, asking: str) -> bool:
    """Whether the last poll of this path asked like that, and for what comes after an index."""
    asked = [query for asked_path, query in consul.polls if asked_path == path and "wait=" in query]
    return bool(asked) and asked[-1].startswith(asking)


def gone(consul: FakeConsul, watches: Watches, number: int) -> Subscriber:
    """Who watches a key that was there before, whose query waits."""
    consul.flash(key(number))
    subscriber = Subscriber(watches, key(number))
    assert eventually(lambda: waits(consul, f"{PATH}{number:04}", "keys&"))
    return subscriber


def test_a_key_that_came_and_went_is_told(consul: FakeConsul, watches: Watches) -> None:
    """Each time, as gone."""
    subscriber = gone(consul, watches, 1)
    for _ in range(3):
        subscriber.told.clear()
        consul.flash(key(1))
        assert subscriber.hears((key(1), 0))
        assert len(subscriber.told) == 1


def test_what_comes_and_goes_before_the_first_poll_is_told() -> None:
    """The poll goes on from where the key was found absent, and not from where it begins."""

    class Slow(FakeConsul):
        def line(self) -> FakeLine:
            self.flash(key(1))
            return super().line()

    slow = Slow()
    slow.put(key(2))
    watches = slow.watches()
    assert Subscriber(watches, key(1)).hears((key(1), 0))
    watches.close()


def test_the_writes_of_others_are_not_told(consul: FakeConsul, watches: Watches) -> None:
    """Where something was lately, its tombstone tells them apart; nothing is asked either."""
    subscriber = gone(consul, watches, 1)
    polls = len(consul.polls)
    for number in range(100, 150):
        consul.flash(key(number))
    consul.put(key(1))
    assert eventually(lambda: subscriber.told)
    assert subscriber.told == [(key(1), consul.keys[f"p/{key(1)}"])]
    assert len(consul.polls) <= polls + 2


def test_where_nothing_ever_was_others_are_told_at_a_bounded_rate(
    consul: FakeConsul, watches: Watches
) -> None:
    """Nobody can tell them apart from what came and went."""
    subscriber, began = Subscriber(watches, key(1)), time.monotonic()
    for number in range(200):
        consul.put(key(100 + number % 3))
        if number % 20 == 0:
            consul.rest()
    assert eventually(lambda: subscriber.told)
    assert len(subscriber.told) <= BURST + RATE * (time.monotonic() - began) + 1


def test_a_list_that_is_refused_is_not_needed() -> None:
    """A token may be allowed to read a key and not to list; the key is asked for instead."""

    class Unlisted(FakeConsul):
        def poll(self, line: FakeLine, path: str, query: str) -> Answer:
            if query.startswith("keys"):
                self.polls.append((path, query))
                raise PermissionDenied("Permission denied")
            return super().poll(line, path, query)

    consul = Unlisted()
    consul.flash(key(1))
    watches = consul.watches()
    subscriber = Subscriber(watches, key(1))
    assert eventually(lambda: waits(consul, f"{PATH}0001", "index="))
    index = consul.put(key(1))
    assert subscriber.hears((key(1), index))
    watches.close()


def test_a_key_whose_name_begins_many_is_asked_for_alone(consul: FakeConsul, watches: Watches) -> None:
    """A list would be as long as they are many, at each of their changes."""
    for number in range(65):
        consul.put(key(number))
    consul.flash(f"{FOLDER}0")
    subscriber = Subscriber(watches, f"{FOLDER}0")
    consul.put(key(7))
    assert eventually(lambda: waits(consul, f"{PATH}0", "index="))
    assert len([query for path, query in consul.polls if path == f"{PATH}0" and "keys" in query]) == 1
    index = consul.put(f"{FOLDER}0")
    assert subscriber.hears((f"{FOLDER}0", index))


def test_in_a_folder_the_writes_of_others_are_not_told(consul: FakeConsul, watches: Watches) -> None:
    """Of an empty folder the server answers with the index of all there is: what came and went is untold."""
    subscriber = Subscriber(watches, FOLDER, 0)
    assert eventually(lambda: waits(consul, PATH, "keys&"))
    polls = len(consul.polls)
    consul.put("elsewhere")
    assert eventually(lambda: len(consul.polls) > polls)
    index = consul.put(key(1))
    assert subscriber.hears((key(1), index))
    assert {told for told, _ in subscriber.told} == {key(1)}
