"""The message bus: publish and subscribe by topic, send to an endpoint, request and response.

Knows nothing of the messages. Promises:
1. Handlers run at once, in the caller, by priority (highest first) and then in the order of their subscription. A
   handler hears a message once, however many of its patterns match.
2. Which handlers a topic has is worked out once per topic, not per message; a change of subscriptions starts that anew.
3. A handler may subscribe and unsubscribe while a message is being delivered; that delivery goes to whom it began for.
4. An error in a handler reaches the publisher; what the handlers after it miss is the publisher's to decide.
5. What a handler publishes is delivered at once, too: the handlers after it hear the answer before the message. Who
   answers with something about the very thing that is told waits until all have heard of it (`loop.call_soon`), as the
   links of orders do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import count
from typing import Any

from msgspec import Struct

from nautilus_live.errors import ProgrammerError
from nautilus_live.model.identifiers import TraderId

Handler = Callable[[Any], object]

# Topics may carry ids, so that their number has no bound; what is remembered of them must have one.
REMEMBERED_TOPICS_MAX = 50_000
PATTERNS_MAX = 1_000


class Subscription(Struct, frozen=True):
    """Who listens to which topics; `topic` may be a pattern."""

    topic: str
    handler: Handler
    priority: int = 0


class Request(Struct, frozen=True):
    """A question at an endpoint; answered by `MessageBus.response` with its correlation id."""

    correlation_id: str
    payload: Any


@lru_cache(maxsize=PATTERNS_MAX)
def compile_pattern(pattern: str) -> Callable[[str], object]:
    """Return a predicate for topics: in `pattern` a `*` stands for any run of characters, a `?` for one."""
    parts = re.split(r"([*?])", pattern)
    text = "".join(".*" if part == "*" else "." if part == "?" else re.escape(part) for part in parts)
    return re.compile(text, re.DOTALL).fullmatch


class MessageBus:
    """Carries messages between the parts of one node."""

    def __init__(self, trader_id: TraderId, clock: object | None = None) -> None:
        self.trader_id = trader_id
        self.clock = clock
        self.pub_count = 0
        self.sent_count = 0
        self.req_count = 0
        self.res_count = 0
        self._exact: dict[str, list[tuple[int, int, Subscription]]] = {}
        self._wildcard: dict[str, tuple[Callable[[str], object], list[tuple[int, int, Subscription]]]] = {}
        self._numbers = count()
        self._routes: dict[str, tuple[Handler, ...]] = {}
        self._endpoints: dict[str, Handler] = {}
        self._waiting: dict[str, Handler] = {}

    # -- publish and subscribe ---------------------------------------------------------------------------------------

    def publish(self, topic: str, msg: Any, external_pub: bool = True) -> None:
        """Hand `msg` to everyone who listens to `topic`. What leaves the node is the configuration's to say."""
        self.pub_count += 1
        handlers = self._routes.get(topic)
        if handlers is None:
            handlers = self._resolve(topic)
        for handler in handlers:
            handler(msg)

    def subscribe(self, topic: str, handler: Handler, priority: int = 0) -> None:
        """Let `handler` hear `topic`, which may contain `*` and `?`. Subscribing a second time changes nothing."""
        if not topic or topic != topic.strip():
            raise ProgrammerError(f"a topic must be a text without outer spaces, was {topic!r}")
        if not callable(handler):
            raise ProgrammerError(f"{topic}: a handler must be callable, was {handler!r}")
        if self.is_subscribed(topic, handler):
            return
        entry = (-priority, next(self._numbers), Subscription(topic, handler, priority))
        self._entries(topic).append(entry)
        self._routes.clear()

    def unsubscribe(self, topic: str, handler: Handler) -> None:
        """Stop `handler` hearing `topic`, given as it was subscribed; nothing happens if it was not."""
        entries = self._entries(topic)
        entries[:] = [entry for entry in entries if entry[2].handler != handler]
        if not entries:
            self._exact.pop(topic, None)
            self._wildcard.pop(topic, None)
        self._routes.clear()

    def is_subscribed(self, topic: str, handler: Handler) -> bool:
        """Return whether `handler` was subscribed to exactly this topic or pattern."""
        entries = self._exact.get(topic) or self._wildcard.get(topic, (None, ()))[1]
        return any(entry[2].handler == handler for entry in entries)

    def has_subscribers(self, pattern: str | None = None) -> bool:
        """Return whether a message on that topic would reach anybody; without one, whether anybody listens at all."""
        if pattern is None:
            return bool(self._exact or self._wildcard)
        handlers = self._routes.get(pattern)
        return bool(self._resolve(pattern) if handlers is None else handlers)

    def topics(self) -> list[str]:
        """Return the topics and patterns subscribed to, sorted."""
        return sorted([*self._exact, *self._wildcard])

    def subscriptions(self, pattern: str | None = None) -> list[Subscription]:
        """Return all subscriptions, or those that a message on that topic would reach, in the order of delivery."""
        entries = [entry for found in self._exact.values() for entry in found]
        entries += [entry for _, found in self._wildcard.values() for entry in found]
        if pattern is not None:
            reached = self._entries_for(pattern)
            entries = [entry for entry in entries if entry in reached]
        return [entry[2] for entry in sorted(entries, key=_rank)]

    def _entries(self, topic: str) -> list[tuple[int, int, Subscription]]:
        if "*" in topic or "?" in topic:
            found = self._wildcard.get(topic)
            if found is None:
                found = self._wildcard[topic] = (compile_pattern(topic), [])
            return found[1]
        return self._exact.setdefault(topic, [])

    def _entries_for(self, topic: str) -> list[tuple[int, int, Subscription]]:
        entries = list(self._exact.get(topic, ()))
        for matches, found in self._wildcard.values():
            if matches(topic):
                entries += found
        return entries

    def _resolve(self, topic: str) -> tuple[Handler, ...]:
        found = [entry[2].handler for entry in sorted(self._entries_for(topic), key=_rank)]
        handlers = tuple([one for place, one in enumerate(found) if one not in found[:place]])
        if len(self._routes) >= REMEMBERED_TOPICS_MAX:
            self._routes.clear()
        self._routes[topic] = handlers
        return handlers

    # -- endpoints ---------------------------------------------------------------------------------------------------

    def register(self, endpoint: str, handler: Handler) -> None:
        """Make `handler` the one receiver at `endpoint`.

        Raises:
            ProgrammerError: if the endpoint is taken.

        """
        if endpoint in self._endpoints:
            raise ProgrammerError(f"{endpoint}: an endpoint has one handler, was taken already")
        self._endpoints[endpoint] = handler

    def deregister(self, endpoint: str, handler: Handler | None = None) -> None:
        """Free `endpoint` (if `handler` is its receiver, where given)."""
        if handler is None or self._endpoints.get(endpoint) == handler:
            self._endpoints.pop(endpoint, None)

    def endpoints(self) -> list[str]:
        """Return the names of the endpoints, sorted."""
        return sorted(self._endpoints)

    def is_registered(self, endpoint: str) -> bool:
        """Return whether somebody receives at `endpoint`."""
        return endpoint in self._endpoints

    def send(self, endpoint: str, msg: Any) -> None:
        """Hand `msg` to the receiver at `endpoint`.

        Raises:
            ProgrammerError: if there is none: a message sent is never lost in silence.

        """
        handler = self._endpoints.get(endpoint)
        if handler is None:
            raise ProgrammerError(f"{endpoint}: no such endpoint, cannot send a {type(msg).__name__}")
        self.sent_count += 1
        handler(msg)

    def request(self, endpoint: str, request: Any, callback: Handler) -> str:
        """Put a question to `endpoint`, which receives a `Request`; `callback` gets the answer. Returns its id."""
        self.req_count += 1
        correlation_id = f"{self.trader_id.value}-R{self.req_count}"
        self._waiting[correlation_id] = callback
        try:
            self.send(endpoint, Request(correlation_id, request))
        except BaseException:
            self._waiting.pop(correlation_id, None)
            raise
        return correlation_id

    def response(self, correlation_id: str, msg: Any) -> bool:
        """Answer a question; returns whether it was still waiting. The first answer counts."""
        callback = self._waiting.pop(correlation_id, None)
        if callback is None:
            return False
        self.res_count += 1
        callback(msg)
        return True

    def is_pending_request(self, request_id: str) -> bool:
        """Return whether the question has no answer yet."""
        return request_id in self._waiting


def _rank(entry: tuple[int, int, Subscription]) -> tuple[int, int]:
    return entry[0], entry[1]
