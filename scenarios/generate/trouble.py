"""What goes wrong: messages, connections, the process, its disk and its clock.

May know: the sketch and the names that messages have. As in `trading`, each function writes what belongs together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scenarios.generate.sketch import Sketch, milliseconds, offset, seconds
from scenarios.values import Number, Time

Trouble = Callable[[Sketch], None]

COMMANDS = ("submit", "modify", "cancel", "cancel_all", "*")
QUESTIONS = ("query.order", "query.orders", "query.fills", "query.positions", "query.account", "query.*", "query.*")
MOMENTS = ("before_write", "after_write", "before_send", "after_send", "before_receive", "after_receive")
NEWS = ("ack", "fill", "fill", "cancel", "expire", "reject", "update", "trigger", "account", "*")


def message_fault(verb: str, directions: str, **options: Callable[[Sketch], Any]) -> Trouble:
    """Return what puts a fault into the way of messages.

    Args:
        verb: the fault.
        directions: which messages it may meet: c(ommands), q(uestions), a(nswers), n(ews), - (whatever it is made for).
        options: further fields, each drawn anew.

    """

    def happen(sketch: Sketch) -> None:
        draws = sketch.draws
        fields: dict[str, Any] = {name: draw(sketch) for name, draw in options.items()}
        match draws.pick(directions):
            case "c":
                fields["request"] = draws.pick(COMMANDS)
            case "q":
                fields["request"] = draws.pick(QUESTIONS)
            case "a":
                fields["answer"] = draws.pick((*COMMANDS, *QUESTIONS))
            case "n":
                fields["report"] = draws.pick(NEWS)
        if draws.chance(50):
            fields["times"] = draws.pick((1, 1, 1, 2, 3, 5))
        else:
            fields["lasts"] = sketch.lasting(draws.pick((milliseconds(300), seconds(2), seconds(6), seconds(12))))
        if draws.chance(15):
            fields["skip"] = draws.between(1, 3)
        if draws.chance(15):
            fields["chance"] = 0.5
        order = sketch.own_order() if draws.chance(10) else None
        sketch.add(verb, order=order.name if order else None, venue=draws.pick(sketch.venues), **fields)

    return happen


def hold(sketch: Sketch) -> None:
    """Hold messages back for a while."""
    name, venue = sketch.new_name("H"), sketch.draws.pick(sketch.venues)
    direction = sketch.draws.pick(("request", "answer", "report", "report"))
    kind = sketch.draws.pick(NEWS if direction == "report" else (*COMMANDS, *QUESTIONS))
    sketch.add("wire.hold", name=name, venue=venue, lasts=sketch.lasting(seconds(5)), **{direction: kind})
    sketch.held.append((name, venue))


def release(sketch: Sketch) -> None:
    """Let go what is held back."""
    if sketch.held:
        name, venue = sketch.draws.pick(sketch.held)
        sketch.add("wire.release", name=name, venue=venue)


def disconnect(sketch: Sketch) -> None:
    """Break a connection."""
    lasts = sketch.lasting(sketch.draws.pick((0, milliseconds(200), seconds(2), seconds(5))))
    sketch.add("wire.disconnect", lasts=lasts, venue=sketch.draws.pick(sketch.venues))


def half_open(sketch: Sketch) -> None:
    """Let a connection fall silent."""
    sketch.add("wire.half_open", venue=sketch.draws.pick(sketch.venues))


def partition(sketch: Sketch) -> None:
    """Hold everything, both ways."""
    lasts = sketch.lasting(sketch.draws.pick((milliseconds(500), seconds(2), seconds(6))))
    sketch.add("wire.partition", lasts=lasts, venue=sketch.draws.pick(sketch.venues))


def slow(sketch: Sketch) -> None:
    """Make the network slow."""
    lasts = sketch.lasting(sketch.draws.pick((seconds(1), seconds(4))))
    factor = sketch.draws.pick((5, 20, 100))
    sketch.add("wire.slow", factor=factor, lasts=lasts, venue=sketch.draws.pick(sketch.venues))


def reset(sketch: Sketch) -> None:
    """Break a connection, with all that is under way on it."""
    sketch.add("wire.reset", venue=sketch.draws.pick(sketch.venues))


def refuse_connections(sketch: Sketch) -> None:
    """Break a connection, and let nobody in for a while."""
    venue = sketch.draws.pick(sketch.venues)
    sketch.add("wire.refuse_connections", lasts=sketch.lasting(seconds(sketch.draws.pick((1, 4)))), venue=venue)
    sketch.add("wire.reset", venue=venue)


def slow_reader(sketch: Sketch) -> None:
    """Let the node read slowly."""
    lasts, venue = sketch.lasting(seconds(3)), sketch.draws.pick(sketch.venues)
    sketch.add("wire.slow_reader", bytes_per_s=sketch.draws.pick((200, 2_000)), lasts=lasts, venue=venue)


def venue_restart(sketch: Sketch) -> None:
    """Restart the venue."""
    lasts, venue = sketch.lasting(seconds(sketch.draws.pick((1, 3)))), sketch.draws.pick(sketch.venues)
    sketch.add("venue.restart", lasts=lasts, requests=sketch.draws.pick(("refused", "lost")), venue=venue)


def rate_limit(sketch: Sketch) -> None:
    """Let the venue answer only so many requests."""
    lasts, venue = sketch.lasting(seconds(6)), sketch.draws.pick(sketch.venues)
    sketch.add("wire.rate_limit", requests=sketch.draws.pick((1, 3)), lasts=lasts, venue=venue)


def crash(sketch: Sketch) -> None:
    """Kill the node, and start it again."""
    sketch.add("node.crash")
    _start_again(sketch)


def crash_at_moment(sketch: Sketch) -> None:
    """Kill the node just before or after it writes, sends or receives, and let its supervisor start it again."""
    draws = sketch.draws
    moment = draws.pick(MOMENTS)
    message = None if moment.endswith("write") else draws.pick(("*", "submit", "modify", "cancel"))
    if moment.endswith("receive"):
        message = draws.pick(("*", *NEWS))
    restart = sketch.lasting(milliseconds(draws.pick((10, 300, 2_000))))
    sketch.add("node.crash", moment=moment, message=message, skip=draws.below(4) or None, restart=restart)


def crash_and_lose(sketch: Sketch) -> None:
    """Kill the node, lose its disk, and start it again."""
    sketch.add("node.crash")
    sketch.add("store.lose")
    _start_again(sketch)


def crash_and_lose_tail(sketch: Sketch) -> None:
    """Kill the node, lose what it stored last, and start it again."""
    last = sketch.draws.pick((10, 200, 2_000))
    sketch.add("node.crash")
    sketch.add("store.lose_tail", last=Time(milliseconds(last)))
    _start_again(sketch)


def stop(sketch: Sketch) -> None:
    """Stop the node in order, and start it again once it is down."""
    if sketch.draws.chance(25):
        sketch.add("node.signal", signal=sketch.draws.pick(("SIGTERM", "SIGINT")))
    else:
        sketch.add("node.stop")
    sketch.wait(seconds(sketch.draws.pick((6, 8, 16))))
    _start_again(sketch)


def start(sketch: Sketch) -> None:
    """Start the node, if it happens to be down."""
    sketch.add("node.start")


def pause(sketch: Sketch) -> None:
    """Freeze the node's process for a while; the venue goes on."""
    sketch.add("node.pause")
    for _ in range(sketch.draws.below(3)):
        sketch.wait(milliseconds(sketch.draws.below(700)))
        sketch.meanwhile()
    sketch.wait(milliseconds(sketch.draws.pick((50, 500, 3_000, 7_000))))
    sketch.add("node.resume")


def store_fail(sketch: Sketch) -> None:
    """Let writes fail."""
    sketch.add("store.fail", times=sketch.draws.pick((1, 1, 2)))


def store_slow(sketch: Sketch) -> None:
    """Let writes take their time."""
    by = sketch.draws.pick((5, 50, 200))
    sketch.add("store.slow", by=Time(milliseconds(by)), lasts=sketch.lasting(seconds(2)))


def store_full(sketch: Sketch) -> None:
    """Let the disk be full."""
    sketch.add("store.full", lasts=sketch.lasting(seconds(sketch.draws.pick((1, 4)))))


def store_disconnect(sketch: Sketch) -> None:
    """Cut the node off its store."""
    lost = sketch.draws.chance(40)
    sketch.add("store.disconnect", lasts=sketch.lasting(seconds(sketch.draws.pick((1, 4)))), answer_lost=lost or None)


def clock_drift(sketch: Sketch) -> None:
    """Let the node's clock run fast or slow."""
    sketch.add("clock.drift", by=offset(milliseconds(sketch.draws.pick((-20, 1, 20)))))


def clock_jump(sketch: Sketch) -> None:
    """Let the node's clock jump."""
    sketch.add("clock.jump", by=offset(_jump(sketch)))


def clock_skew(sketch: Sketch) -> None:
    """Let the node's clock be off from the next start on."""
    sketch.add("clock.skew", by=offset(_jump(sketch)))


def _jump(sketch: Sketch) -> int:
    size = sketch.draws.pick((milliseconds(50), milliseconds(900), seconds(3), seconds(30), seconds(600)))
    return size if sketch.draws.chance(50) else -size


def _start_again(sketch: Sketch) -> None:
    for _ in range(sketch.draws.below(3)):
        sketch.wait(milliseconds(sketch.draws.below(900)))
        sketch.meanwhile()
    sketch.wait(milliseconds(sketch.draws.pick((0, 10, 300, 1_000, 4_000))))
    sketch.add("node.start")


def _by(*choices_ms: int) -> Callable[[Sketch], Time]:
    return lambda sketch: Time(milliseconds(sketch.draws.pick(choices_ms)))


def _one_of(*choices: Any) -> Callable[[Sketch], Any]:
    return lambda sketch: sketch.draws.pick(choices)


LIES: tuple[dict[str, Any], ...] = (
    {"field": "avg_px", "of": "order", "missing": True},
    {"field": "avg_px_open", "of": "position", "missing": True},
    {"field": "ts_last", "of": "order", "add": Number("-3600000000000")},
)
"""Untruths that a node must survive without believing anything wrong for good: what is said is missing or old, not
another amount."""


def lie(sketch: Sketch) -> None:
    """Let the venue leave something out of its answers, or say something old."""
    fields = sketch.draws.pick(LIES)
    sketch.add("wire.lie", lasts=sketch.lasting(seconds(6)), venue=sketch.draws.pick(sketch.venues), **fields)


def partial_pages(sketch: Sketch) -> None:
    """Lose the end of long lists."""
    page, how = sketch.draws.pick(((1, "fail"), (2, "fail"), (2, "lost")))
    lasts = sketch.lasting(seconds(sketch.draws.pick((2, 6))))
    sketch.add("wire.partial_pages", page=page, how=how, lasts=lasts, venue=sketch.draws.pick(sketch.venues))


unclear = message_fault("wire.unclear", "c-", side=_one_of("before", "after", "after"))
claim_duplicate = message_fault("wire.claim_duplicate", "-")
coalesce = message_fault("wire.coalesce", "nn-", count=_one_of(2, 3))
ack_after_cancel = message_fault("wire.ack_after_cancel", "-")
unreadable_record = message_fault("wire.unreadable_record", "-")
drop = message_fault("wire.drop", "cqann")
delay = message_fault("wire.delay", "cqannn", by=_by(5, 30, 400, 3_000), jitter=_by(0, 0, 40))
duplicate = message_fault("wire.duplicate", "annn", by=_by(0, 0, 15, 2_000), copies=_one_of(1, 1, 2))
reorder = message_fault("wire.reorder", "nnna", window=_by(20, 100, 1_000))
time_out = message_fault("wire.time_out", "ccq", side=_one_of("before", "after", "after"))
fail_query = message_fault("wire.fail_query", "q-")
refuse = message_fault("wire.refuse", "c", ambiguous=_one_of(False, False, True))
throttle = message_fault("wire.throttle", "cq-", retry_after=_by(200, 1_000, 4_000))
corrupt = message_fault("wire.corrupt", "an")
forget = message_fault("wire.forget", "-", what=_one_of("closed_orders", "open_orders", "fills", "positions"))
rearrange = message_fault("wire.rearrange", "-", how=_one_of("double", "reverse", "newest_first", "shuffle"))
reuse_id = message_fault("wire.reuse_id", "-")
ack_after_fill = message_fault("wire.ack_after_fill", "-")
