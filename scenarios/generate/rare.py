"""What a node decides seldom, because much must come together first: answers that stay away, words about what was
forgotten, a history that begins too late, a book that loses a message.

May know: the sketch. As in `situations`, each function writes a few steps that belong together.
"""

from __future__ import annotations

from scenarios.generate.situations import LOTS, resting, trade
from scenarios.generate.sketch import Sketch, milliseconds, seconds
from scenarios.values import Time

FORGOTTEN_S = 65
"""How long until what has ended is forgotten, where a node forgets by the minute."""


def unanswered(sketch: Sketch) -> None:
    """Send a command that gets lost, or whose answer does, and wait for what the node makes of it."""
    draws = sketch.draws
    venue = draws.pick(sketch.venues)
    command = draws.pick(("submit", "modify", "cancel", "cancel"))
    times = draws.pick((1, 1, 2))
    if command != "submit":
        order = resting(sketch, venue)
        sketch.wait(milliseconds(draws.pick((300, 1_200))))
    match draws.below(3):
        case 0:
            sketch.add("wire.drop", request=command, times=times, venue=venue)
        case 1:
            sketch.add("wire.unclear", request=command, times=times, side=draws.pick(("before", "after")), venue=venue)
        case _:
            sketch.add("wire.drop", report="*", lasts=sketch.lasting(seconds(2)), venue=venue)
            sketch.add("wire.time_out", request=command, times=times, side="after", venue=venue)
    if command == "submit":
        order = resting(sketch, venue)
    elif command == "modify":
        quantity = order.market.size_of(LOTS + draws.pick((1, 2, -1)))
        sketch.add("strategy.modify", order=order.name, quantity=quantity, strategy=order.strategy)
    else:
        sketch.add("strategy.cancel", order=order.name, strategy=order.strategy)
    sketch.wait(milliseconds(draws.pick((200, 1_500))))
    if draws.chance(40):
        trade(sketch, order, draws.pick((2, LOTS)))
    sketch.wait(seconds(draws.pick((3, 6, 9))))


def told_by_totals(sketch: Sketch) -> None:
    """Let an order trade at another price than its own, and the totals alone tell of it."""
    draws = sketch.draws
    order = resting(sketch, None)
    sketch.wait(milliseconds(600))
    sketch.add("wire.drop", report="fill", order=order.name, times=1)
    better = draws.pick((1, 2))
    price = order.market.price_at(-5 - better if order.side == "BUY" else 5 + better)
    name = sketch.new_name("F")
    sketch.trades.append((name, None, order.market))
    quantity = order.market.size_of(draws.pick((2, LOTS)))
    sketch.add("venue.trade", order=order.name, quantity=quantity, price=price, trade=name)
    sketch.wait(seconds(draws.pick((4, 7))))


def known_but_unmoved(sketch: Sketch) -> None:
    """Let the venue know an order that waits, and say nothing that moves it."""
    draws = sketch.draws
    venue = draws.pick(sketch.venues)
    lasts = sketch.lasting(seconds(draws.pick((8, 12))))
    if draws.chance(50):
        sketch.add("wire.drop", report="*", lasts=lasts, venue=venue)
        sketch.add("wire.drop", answer="submit", lasts=lasts, venue=venue)
        sketch.add("wire.fail_query", request="query.fills", lasts=lasts, venue=venue)
        order = resting(sketch, venue)
        sketch.wait(milliseconds(120))
        trade(sketch, order, 2)
    else:
        order = resting(sketch, venue)
        sketch.wait(milliseconds(600))
        sketch.add("wire.lie", field="order_status", to="PENDING_CANCEL", of="order", lasts=lasts, venue=venue)
        sketch.add("wire.drop", request="cancel", times=1, venue=venue)
        sketch.add("strategy.cancel", order=order.name, strategy=order.strategy)
    sketch.wait(seconds(draws.pick((9, 13))))


def after_it_was_forgotten(sketch: Sketch) -> None:
    """Let words come about an order that ended so long ago that the node has forgotten it."""
    draws = sketch.draws
    order = resting(sketch)
    sketch.wait(milliseconds(600))
    by = sketch.lasting(seconds(FORGOTTEN_S))
    if draws.chance(50):
        sketch.add("wire.duplicate", report="*", order=order.name, by=by, times=2, venue=order.venue)
    else:
        sketch.add("wire.delay", report="fill", order=order.name, by=by, times=1, venue=order.venue)
    trade(sketch, order, draws.pick((2, LOTS)))
    sketch.wait(milliseconds(500))
    sketch.add("venue.cancel", order=order.name, venue=order.venue)
    sketch.wait(seconds(FORGOTTEN_S + draws.pick((1, 5))))


def history_too_short(sketch: Sketch) -> None:
    """Trade, wait until that is further back than a start asks for, trade on, and lose the store."""
    draws = sketch.draws
    order = resting(sketch)
    sketch.wait(milliseconds(300))
    for wait_s in (draws.pick((62, 70)), 1, 1):
        trade(sketch, order, draws.pick((1, 2)))
        sketch.wait(seconds(wait_s))
    other = resting(sketch, order.venue)
    sketch.wait(milliseconds(300))
    trade(sketch, other, draws.pick((2, LOTS)))
    sketch.wait(milliseconds(700))
    sketch.add("node.crash")
    sketch.add("store.lose")
    sketch.wait(milliseconds(draws.pick((10, 900))))
    sketch.add("node.start")
    sketch.wait(seconds(3))


def book_with_gaps(sketch: Sketch) -> None:
    """Listen to a book, and let some of its messages get lost, late or doubled."""
    draws = sketch.draws
    market = draws.pick(sketch.markets)
    what = draws.pick(("book", "book_orders", "depth"))
    instrument = None if market is sketch.markets[0] else market.symbol
    sketch.add("strategy.subscribe", what=what, instrument=instrument)
    sketch.wait(milliseconds(200))
    verb, fields = draws.pick(
        (
            ("wire.drop", {"times": 1}),
            ("wire.duplicate", {"times": 2}),
            ("wire.reorder", {"times": 2, "window": Time(milliseconds(300))}),
            ("wire.drop", {"times": 2, "skip": 1}),
        )
    )
    sketch.add(verb, report=what, **fields)
    still = draws.chance(50)  # a market that moves crosses what is left of an old book, which shows as well
    for _ in range(draws.between(2, 5)):
        middle = 0 if still else draws.between(-2, 2)
        sides: list[list[str]] = []
        for sign in (-1, 1):
            prices = (middle + sign, middle + sign * (1 + draws.pick((3, 4, 5))))
            sizes = (market.size_of(draws.between(1, 9)), market.size_of(draws.between(1, 9)))
            sides.append([f"{market.price_at(at)} x {size}" for at, size in zip(prices, sizes, strict=True)])
        sketch.add("venue.book", bids=sides[0], asks=sides[1], instrument=market.symbol)
        sketch.wait(milliseconds(draws.pick((20, 300, 900))))
    if draws.chance(40):
        sketch.add("venue.print", price=market.price_at(4), quantity=market.size_of(1), instrument=market.symbol)
    sketch.wait(milliseconds(draws.pick((0, 900))))
