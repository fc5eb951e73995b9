"""What a node decides where the same comes again, in numbers, or against itself: many orders missing at once, answers
that change their mind, positions that are never right, trades that cannot be.

May know: the sketch. As in `situations`, each function writes a few steps that belong together.
"""

from __future__ import annotations

from scenarios.generate.rare import FORGOTTEN_S
from scenarios.generate.situations import LOTS, resting, trade
from scenarios.generate.sketch import Sketch, milliseconds, seconds
from scenarios.values import Number, Size, Time


def many_missing(sketch: Sketch) -> None:
    """Let several orders end unheard, of which the venue then knows nothing."""
    draws = sketch.draws
    venue = draws.pick(sketch.venues)
    orders = [resting(sketch, venue) for _ in range(draws.pick((2, 3)))]
    sketch.wait(milliseconds(500))
    if draws.chance(50):
        trade(sketch, orders[0], 2)
    sketch.wait(milliseconds(400))
    lasts = sketch.lasting(seconds(14))
    sketch.add("wire.drop", report="cancel", times=len(orders), venue=venue)
    sketch.add("wire.forget", what="closed_orders", lasts=lasts, venue=venue)
    for order in orders:
        sketch.add("venue.cancel", order=order.name, venue=venue)
        sketch.wait(milliseconds(draws.pick((0, 300))))
    sketch.wait(seconds(draws.pick((7, 12))))


def comes_and_goes(sketch: Sketch) -> None:
    """Let lists leave out what works, and have it, and leave it out again."""
    order = resting(sketch)
    sketch.wait(seconds(1))
    for skip in (None, 2):
        sketch.add("wire.forget", what="open_orders", answer="query.orders", times=1, skip=skip, venue=order.venue)
    sketch.wait(seconds(sketch.draws.pick((10, 13))))


def changes_its_mind(sketch: Sketch) -> None:
    """Let the venue know an order that waits, and again not, and again."""
    draws = sketch.draws
    venue = draws.pick(sketch.venues)
    order = resting(sketch, venue)
    sketch.wait(milliseconds(600))
    lasts = sketch.lasting(seconds(12))
    sketch.add("wire.lie", field="order_status", to="PENDING_CANCEL", of="order", lasts=lasts, venue=venue)
    sketch.add("wire.drop", request="cancel", times=1, venue=venue)
    sketch.add("strategy.cancel", order=order.name, strategy=order.strategy)
    for _ in range(draws.pick((3, 4))):
        sketch.wait(seconds(1))
        sketch.add("wire.forget", what="open_orders", lasts=Time(seconds(1)), venue=venue)
        sketch.wait(seconds(1))
    sketch.wait(seconds(2))


def works_after_all(sketch: Sketch) -> None:
    """Let lists say that an order ended, and then, again and again, that it works."""
    order = resting(sketch)
    sketch.wait(milliseconds(600))
    lasts = Time(seconds(4))
    sketch.add("wire.lie", field="order_status", to="CANCELED", of="order", lasts=lasts, venue=order.venue)
    sketch.wait(seconds(sketch.draws.pick((14, 17))))


def left_pending(sketch: Sketch) -> None:
    """Lose a command about an order of which the venue says that it has none."""
    draws = sketch.draws
    venue = draws.pick(sketch.venues)
    order = resting(sketch, venue)
    sketch.wait(milliseconds(600))
    command = draws.pick(("cancel", "modify"))
    sketch.add("wire.drop", request=command, times=1, venue=venue)
    sketch.add("wire.forget", what="open_orders", lasts=sketch.lasting(seconds(12)), venue=venue)
    if command == "cancel":
        sketch.add("strategy.cancel", order=order.name, strategy=order.strategy)
    else:
        quantity = order.market.size_of(LOTS + 1)
        sketch.add("strategy.modify", order=order.name, quantity=quantity, strategy=order.strategy)
    sketch.wait(seconds(draws.pick((9, 12))))


def never_right(sketch: Sketch) -> None:
    """Let a position become another one, again and again, with nothing that explains it."""
    draws = sketch.draws
    order = resting(sketch)
    sketch.wait(milliseconds(500))
    trade(sketch, order, 2)
    sign = "" if order.side == "BUY" else "-"
    for lots in (4, 6, 5, 7, 3):
        sketch.wait(milliseconds(draws.pick((4_300, 6_700))))
        sketch.add(
            "venue.set_position",
            quantity=Size(f"{sign}{order.market.size_of(lots)}"),
            price=order.market.price_at(draws.between(-2, 2)),
            instrument=order.market.symbol,
            venue=order.venue,
        )
    sketch.wait(seconds(7))


def impossible_fill(sketch: Sketch) -> None:
    """Tell of a trade larger than its order, or of one taken back, once more."""
    draws = sketch.draws
    order = resting(sketch)
    sketch.wait(milliseconds(500))
    if draws.chance(50):
        more = Number(str(order.market.size_of(draws.pick((1, LOTS)))))
        sketch.add("wire.lie", report="fill", field="last_qty", add=more, of="fill", times=1, venue=order.venue)
        trade(sketch, order, LOTS)
        sketch.wait(seconds(4))
        return
    by = sketch.lasting(seconds(2))
    sketch.add("wire.duplicate", report="fill", order=order.name, by=by, times=1, venue=order.venue)
    name = trade(sketch, order, draws.pick((2, LOTS)))
    sketch.wait(milliseconds(700))
    sketch.add("venue.bust", trade=name, venue=order.venue)
    sketch.wait(seconds(3))


def two_prices(sketch: Sketch) -> None:
    """Let an order trade at two prices, and the second trade be known by the totals alone."""
    draws = sketch.draws
    order = resting(sketch)
    sketch.wait(milliseconds(600))
    trade(sketch, order, draws.pick((1, 3)))
    sketch.wait(milliseconds(600))
    sketch.add("wire.drop", report="fill", order=order.name, times=1, venue=order.venue)
    sketch.add("wire.forget", what="fills", lasts=sketch.lasting(seconds(12)), venue=order.venue)
    better = draws.pick((1, 2))
    name = sketch.new_name("F")
    sketch.trades.append((name, order.venue, order.market))
    sketch.add(
        "venue.trade",
        order=order.name,
        quantity=order.market.size_of(draws.pick((2, 4))),
        price=order.market.price_at(-5 - better if order.side == "BUY" else 5 + better),
        trade=name,
        venue=order.venue,
    )
    sketch.wait(seconds(draws.pick((7, 10))))


def minutes_later(sketch: Sketch) -> None:
    """Let more than a minute pass over a position that was closed, or an order that works, and go on with it."""
    draws = sketch.draws
    order = resting(sketch)
    sketch.wait(milliseconds(600))
    if draws.chance(50):
        trade(sketch, order, LOTS)
        sketch.wait(milliseconds(300))
        sketch.add("wire.duplicate", report="*", by=sketch.lasting(seconds(FORGOTTEN_S)), times=2, venue=order.venue)
        instrument = None if order.market is sketch.markets[0] and order.venue is None else order.market.symbol
        if order.venue is None:
            sketch.add("strategy.close", instrument=instrument, strategy=order.strategy)
        sketch.wait(seconds(FORGOTTEN_S + draws.pick((1, 5))))
        return
    sketch.wait(seconds(FORGOTTEN_S))
    sketch.add("wire.drop", report="cancel", order=order.name, times=1, venue=order.venue)
    sketch.add("wire.forget", what="closed_orders", lasts=sketch.lasting(seconds(14)), venue=order.venue)
    sketch.add("venue.cancel", order=order.name, venue=order.venue)
    sketch.wait(seconds(12))
