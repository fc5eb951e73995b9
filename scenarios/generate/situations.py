"""What seldom meets by luck: a few steps that together bring about what one decision of a node is made for.

May know: the sketch. As in `trading`, each function writes what belongs together; what else happens, before, between
and after, is drawn as everywhere.
"""

from __future__ import annotations

from scenarios.generate.sketch import Sketch, SketchedOrder, milliseconds, seconds
from scenarios.generate.trading import new_order
from scenarios.values import Size, Time

LOTS = 8


def guessed_fill(sketch: Sketch) -> None:
    """Let trades be told late, when totals have told of them already."""
    order = resting(sketch)
    sketch.wait(seconds(1))
    late = (sketch.draws.pick((5, 8)), sketch.draws.pick((12, 20)))
    sketch.add("wire.forget", what="fills", lasts=sketch.lasting(seconds(10)), venue=order.venue)
    for lots, late_s in zip((sketch.draws.between(1, 2), sketch.draws.between(1, 3)), late, strict=True):
        by = sketch.lasting(seconds(late_s))
        sketch.add("wire.delay", report="fill", order=order.name, by=by, times=1, venue=order.venue)
        trade(sketch, order, lots)
        sketch.wait(milliseconds(sketch.draws.pick((0, 50, 400))))
    sketch.wait(seconds(sketch.draws.pick((6, 10))))


def old_leg_last(sketch: Sketch) -> None:
    """Let an order be replaced, and the first leg be told of after the second."""
    venue = sketch.draws.pick(sketch.venues)
    by = sketch.lasting(seconds(sketch.draws.pick((1, 3))))
    sketch.add("wire.drop", answer="submit", times=1, venue=venue)
    sketch.add("wire.delay", report="ack", by=by, times=1, venue=venue)
    order = resting(sketch, venue)
    sketch.wait(milliseconds(sketch.draws.pick((200, 500))))
    _amend(sketch, order, sketch.new_name("LEG"))
    sketch.wait(seconds(sketch.draws.pick((1, 4))))


def list_fails(sketch: Sketch) -> None:
    """Let lists of orders fail, while an order ends that the venue then forgets."""
    order = resting(sketch)
    sketch.wait(milliseconds(sketch.draws.pick((900, 3_000))))
    lasts = sketch.lasting(seconds(15))
    sketch.add("wire.drop", report="cancel", order=order.name, times=1, venue=order.venue)
    sketch.add("wire.fail_query", request="query.orders", lasts=lasts, venue=order.venue)
    sketch.add("wire.forget", what="closed_orders", lasts=lasts, venue=order.venue)
    sketch.add("venue.cancel", order=order.name, venue=order.venue)
    sketch.wait(seconds(sketch.draws.pick((4, 12))))


def left_out_and_silent(sketch: Sketch) -> None:
    """Let lists leave out what works, and questions about it fail."""
    order = resting(sketch)
    sketch.wait(milliseconds(sketch.draws.pick((900, 3_000))))
    lasts = sketch.lasting(seconds(15))
    sketch.add("wire.forget", what="open_orders", answer="query.orders", lasts=lasts, venue=order.venue)
    sketch.add("wire.fail_query", request="query.order", lasts=lasts, venue=order.venue)
    sketch.wait(seconds(sketch.draws.pick((4, 12))))


def lists_behind(sketch: Sketch) -> None:
    """Let lists be late, while the stream tells of one trade after the other."""
    order = resting(sketch)
    what = sketch.draws.pick(("query.positions", "query.positions", "query.orders"))
    by = Time(milliseconds(sketch.draws.pick((300, 700))))
    sketch.add("wire.delay", answer=what, by=by, lasts=sketch.lasting(seconds(12)), venue=order.venue)
    for _ in range(LOTS):
        sketch.wait(milliseconds(sketch.draws.between(400, 1_400)))
        trade(sketch, order, 1)


def lost_amend(sketch: Sketch) -> None:
    """Let the word of a change get lost."""
    order = resting(sketch)
    sketch.wait(seconds(1))
    sketch.add("wire.drop", report="update", order=order.name, times=1, venue=order.venue)
    _amend(sketch, order, None)
    sketch.wait(milliseconds(sketch.draws.pick((0, 500, 5_000))))


def outsider_closes(sketch: Sketch) -> None:
    """Let somebody else close what a strategy holds."""
    order = resting(sketch)
    sketch.wait(milliseconds(500))
    trade(sketch, order, LOTS)
    sketch.wait(milliseconds(500))
    side = "SELL" if order.side == "BUY" else "BUY"
    lots = sketch.draws.pick((3, LOTS, LOTS + 2))
    other = SketchedOrder(sketch.new_name("X"), order.market, order.venue, side, lots, "LIMIT", None, external=True)
    sketch.orders.append(other)
    sketch.add(
        "venue.external_order",
        order=other.name,
        side=side,
        quantity=order.market.size_of(lots),
        price=order.market.price_at(-5 if side == "BUY" else 5),
        instrument=order.market.symbol,
        venue=order.venue,
    )
    trade(sketch, other, lots)
    sketch.wait(milliseconds(500))


def untold_position(sketch: Sketch) -> None:
    """Let a position become another one, with nothing that explains it."""
    order = resting(sketch)
    sketch.wait(milliseconds(500))
    trade(sketch, order, 2)
    sketch.wait(seconds(sketch.draws.pick((1, 7))))
    sign = "" if order.side == "BUY" else "-"
    quantity = Size(f"{sign}{order.market.size_of(sketch.draws.pick((4, 6)))}")
    price = order.market.price_at(sketch.draws.between(-2, 2))
    sketch.add("venue.set_position", quantity=quantity, price=price, instrument=order.market.symbol, venue=order.venue)
    sketch.wait(milliseconds(sketch.draws.pick((100, 7_000))))


def fill_by_another_name(sketch: Sketch) -> None:
    """Tell of a trade before its order is acknowledged, under the venue's id alone."""
    venue = sketch.draws.pick(sketch.venues)
    by = Time(milliseconds(sketch.draws.pick((150, 400))))
    sketch.add("wire.drop", answer="submit", times=1, venue=venue)
    sketch.add("wire.delay", report="ack", by=by, times=1, venue=venue)
    sketch.add("wire.misname", report="fill", client_order=sketch.new_name("ALIAS"), times=1, venue=venue)
    order = resting(sketch, venue)
    sketch.wait(milliseconds(sketch.draws.pick((110, 140))))
    trade(sketch, order, sketch.draws.pick((2, LOTS)))
    sketch.wait(seconds(sketch.draws.pick((1, 6))))


def crossing(sketch: Sketch) -> None:
    """Let the venue cancel what is just being modified."""
    order = resting(sketch)
    sketch.wait(seconds(1))
    quantity = order.market.size_of(LOTS + 1)
    for verb in sketch.draws.pick((("modify", "cancel"), ("modify", "cancel"), ("cancel", "modify"))):
        if verb == "cancel":
            sketch.add("venue.cancel", order=order.name, venue=order.venue)
        else:
            sketch.add("strategy.modify", order=order.name, quantity=quantity, strategy=order.strategy)
        sketch.wait(milliseconds(sketch.draws.below(12)))
    sketch.wait(seconds(sketch.draws.pick((1, 6))))


def gone_astray(sketch: Sketch) -> None:
    """Let an order be lost for so long that the node ends it, and then be told of."""
    venue = sketch.draws.pick(sketch.venues)
    by = sketch.lasting(seconds(sketch.draws.pick((8, 14))))
    sketch.add("wire.delay", request="submit", by=by, times=1, venue=venue)
    resting(sketch, venue)
    sketch.wait(seconds(sketch.draws.pick((4, 16))))


def resting(sketch: Sketch, venue: str | None = "") -> SketchedOrder:
    """Place an order far from the middle; at `venue`, if one is named (None: the default one)."""
    order, instrument = new_order(sketch, "LIMIT", LOTS, venue)
    sketch.add(
        "strategy.submit",
        order=order.name,
        side=order.side,
        quantity=order.market.size_of(order.lots),
        price=order.market.price_at(-5 if order.side == "BUY" else 5),
        instrument=instrument,
        strategy=order.strategy,
        position=order.position,
    )
    return order


def trade(sketch: Sketch, order: SketchedOrder, lots: int) -> str:
    """Let so many lots of an order trade; return the trade's id."""
    name = sketch.new_name("F")
    sketch.trades.append((name, order.venue, order.market))
    quantity = order.market.size_of(lots)
    sketch.add("venue.trade", order=order.name, quantity=quantity, trade=name, venue=order.venue)
    return name


def _amend(sketch: Sketch, order: SketchedOrder, venue_order: str | None) -> None:
    away = sketch.draws.pick((4, 6))
    sketch.add(
        "venue.amend",
        order=order.name,
        price=order.market.price_at(-away if order.side == "BUY" else away),
        quantity=order.market.size_of(LOTS - 1) if sketch.draws.chance(40) else None,
        venue_order=venue_order,
        venue=order.venue,
    )
