"""The message bus: who hears what, in which order."""

from __future__ import annotations

import fnmatch
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.engine.message_bus import MessageBus, Request, compile_pattern
from nautilus_live.errors import ProgrammerError
from nautilus_live.model.identifiers import TraderId

PATTERNS = st.text(alphabet="ab.[]!-*?", min_size=1, max_size=8)
TOPICS = st.text(alphabet="ab.[]!-\n", max_size=8)


def new_bus() -> MessageBus:
    return MessageBus(TraderId("T-1"))


@given(PATTERNS, TOPICS)
def test_wildcards_match_as_shell_patterns_do_without_their_brackets(pattern: str, topic: str) -> None:
    escaped = pattern.replace("[", "[[]")

    assert bool(compile_pattern(pattern)(topic)) == fnmatch.fnmatchcase(topic, escaped)


@given(st.lists(st.tuples(PATTERNS, st.integers(-2, 2)), max_size=6), TOPICS)
def test_every_matching_subscriber_hears_a_message_by_priority_then_age(
    subscribed: list[tuple[str, int]], topic: str
) -> None:
    bus, heard = new_bus(), []
    for number, (pattern, priority) in enumerate(subscribed):
        bus.subscribe(pattern, lambda msg, number=number: heard.append(number), priority)
    matching = [
        (-priority, number) for number, (pattern, priority) in enumerate(subscribed) if compile_pattern(pattern)(topic)
    ]

    bus.publish(topic, "x")

    assert heard == [number for _, number in sorted(matching)]
    assert bus.has_subscribers(topic) == bool(matching)


def test_a_handler_that_subscribes_while_publishing_is_heard_from_the_next_message_on() -> None:
    bus, heard = new_bus(), []

    def first(msg: Any) -> None:
        heard.append(("first", msg))
        bus.subscribe("a.*", second)

    def second(msg: Any) -> None:
        heard.append(("second", msg))

    bus.subscribe("a.b", first)
    bus.publish("a.b", 1)
    bus.publish("a.b", 2)

    assert heard == [("first", 1), ("first", 2), ("second", 2)]


def test_a_handler_that_unsubscribes_itself_hears_no_further_message() -> None:
    bus, heard = new_bus(), []

    def once(msg: Any) -> None:
        heard.append(msg)
        bus.unsubscribe("a", once)

    bus.subscribe("a", once)
    bus.publish("a", 1)
    bus.publish("a", 2)

    assert heard == [1]
    assert bus.topics() == []
    assert not bus.has_subscribers("a")


def test_subscribing_twice_delivers_once() -> None:
    bus, heard = new_bus(), []
    bus.subscribe("a", heard.append)
    bus.subscribe("a", heard.append)

    bus.publish("a", 1)

    assert heard == [1]
    assert bus.pub_count == 1
    assert bus.is_subscribed("a", heard.append)
    assert [sub.topic for sub in bus.subscriptions("a")] == ["a"]


def test_a_handler_hears_a_message_once_however_many_of_its_patterns_match() -> None:
    bus, heard = MessageBus(TraderId("T-1")), list[int]()
    for topic in ("a.*", "a.b", "*"):
        bus.subscribe(topic, heard.append)
    bus.publish("a.b", 1)
    bus.unsubscribe("a.b", heard.append)
    bus.publish("a.b", 2)
    assert heard == [1, 2]


def test_a_new_wildcard_reaches_topics_that_were_published_before() -> None:
    bus, heard = new_bus(), []
    bus.publish("a.b", 1)
    bus.subscribe("a.?", heard.append)

    bus.publish("a.b", 2)

    assert heard == [2]


def test_what_a_handler_publishes_is_heard_at_once_by_those_after_it_before_the_message() -> None:
    bus, heard = new_bus(), []
    bus.subscribe("said", lambda msg: bus.publish("answered", f"answer to {msg}"), priority=1)
    bus.subscribe("*", heard.append)

    bus.publish("said", "question")

    assert heard == ["answer to question", "question"]


def test_an_endpoint_has_one_handler_and_a_message_to_nobody_is_an_error() -> None:
    bus, heard = new_bus(), []
    bus.register("e", heard.append)

    bus.send("e", 1)

    assert (heard, bus.sent_count) == ([1], 1)
    with pytest.raises(ProgrammerError, match="taken already"):
        bus.register("e", print)
    bus.deregister("e", print)
    assert bus.is_registered("e")
    bus.deregister("e", heard.append)
    with pytest.raises(ProgrammerError, match="no such endpoint"):
        bus.send("e", 2)
    assert bus.endpoints() == []


def test_a_request_is_answered_once_under_its_correlation_id() -> None:
    bus, asked, answers = new_bus(), [], []
    bus.register("e", asked.append)

    first = bus.request("e", "what?", answers.append)
    second = bus.request("e", "who?", answers.append)

    assert asked == [Request(first, "what?"), Request(second, "who?")]
    assert bus.response(second, "she")
    assert bus.is_pending_request(first)
    assert bus.response(first, "that")
    assert not bus.response(first, "again")
    assert answers == ["she", "that"]


def test_a_request_to_nobody_leaves_nothing_waiting() -> None:
    bus = new_bus()

    with pytest.raises(ProgrammerError):
        bus.request("nowhere", "what?", print)

    assert not bus.is_pending_request("T-1-R1")


@pytest.mark.parametrize("topic", ["", " a"])
def test_a_topic_must_be_written_properly(topic: str) -> None:
    with pytest.raises(ProgrammerError, match="without outer spaces"):
        new_bus().subscribe(topic, print)
