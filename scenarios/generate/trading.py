"""What strategies, other people and the venue do with orders when nothing is wrong.

May know: the sketch. Every function writes one step (or a few that belong together), or none if there is nothing to
do it to.
"""

from __future__ import annotations

from msgspec import structs

from scenarios.generate.sketch import Sketch, SketchedOrder, milliseconds, seconds, written
from scenarios.values import Time
from scenarios.verbs import ListedOrder


def submit(sketch: Sketch) -> None:
    """Place a limit order near the middle."""
    draws = sketch.draws
    order, instrument = new_order(sketch, "LIMIT")
    post_only, reduce_only = draws.chance(8), draws.chance(6)
    sketch.add(
        "strategy.submit",
        order=order.name,
        side=order.side,
        quantity=order.market.size_of(order.lots),
        price=order.market.price_at(_away(sketch, order.side)),
        instrument=instrument,
        strategy=order.strategy,
        position=order.position,
        post_only=post_only or None,
        reduce_only=reduce_only or None,
    )


def submit_market(sketch: Sketch) -> None:
    """Place a market order."""
    order, instrument = new_order(sketch, "MARKET")
    quantity = order.market.size_of(order.lots)
    sketch.add(
        "strategy.submit",
        order=order.name,
        side=order.side,
        quantity=quantity,
        instrument=instrument,
        strategy=order.strategy,
        position=order.position,
    )


def submit_conditional(sketch: Sketch) -> None:
    """Place a stop or a touch order."""
    kind = sketch.draws.pick(("STOP_MARKET", "STOP_LIMIT", "MARKET_IF_TOUCHED", "LIMIT_IF_TOUCHED"))
    order, instrument = new_order(sketch, kind)
    # A stop lies beyond the market in its own direction, a touch order on the other side.
    beyond = 3 if (order.side == "BUY") == kind.startswith("STOP") else -3
    limit = "LIMIT" in kind
    sketch.add(
        "strategy.submit",
        order=order.name,
        side=order.side,
        quantity=order.market.size_of(order.lots),
        type=kind,
        price=order.market.price_at(beyond + (1 if order.side == "BUY" else -1)) if limit else None,
        trigger=order.market.price_at(beyond),
        instrument=instrument,
        strategy=order.strategy,
    )


def submit_timed(sketch: Sketch) -> None:
    """Place a limit order that does not stay for ever."""
    order, instrument = new_order(sketch, "LIMIT")
    tif = sketch.draws.pick(("IOC", "FOK", "GTD", "GTD", "DAY"))
    sketch.add(
        "strategy.submit",
        order=order.name,
        side=order.side,
        quantity=order.market.size_of(order.lots),
        price=order.market.price_at(_away(sketch, order.side)),
        tif=tif,
        expire=Time(seconds(sketch.draws.between(1, 6))) if tif == "GTD" else None,
        instrument=instrument,
        strategy=order.strategy,
    )


def modify(sketch: Sketch) -> None:
    """Ask for another price or quantity."""
    order = sketch.own_order()
    if order is None:
        return
    wanted = sketch.draws.below(3)
    lots = order.lots + sketch.draws.between(-2, 4)
    sketch.add(
        "strategy.modify",
        order=order.name,
        quantity=order.market.size_of(max(1, lots)) if wanted != 1 else None,
        price=order.market.price_at(_away(sketch, order.side)) if wanted and order.type == "LIMIT" else None,
        strategy=order.strategy,
    )


def cancel(sketch: Sketch) -> None:
    """Ask for an order to be canceled."""
    order = sketch.own_order()
    if order is not None:
        sketch.add("strategy.cancel", order=order.name, strategy=order.strategy)


def cancel_all(sketch: Sketch) -> None:
    """Ask for all orders in an instrument to be canceled."""
    _, _, instrument = sketch.place()
    side = sketch.draws.pick((None, None, "BUY", "SELL"))
    sketch.add("strategy.cancel_all", instrument=instrument, side=side, strategy=sketch.draws.pick(sketch.strategies))


def cancel_orders(sketch: Sketch) -> None:
    """Ask for several orders of one strategy to be canceled together."""
    first = sketch.own_order()
    if first is not None:
        alike = [
            order.name
            for order in sketch.orders[-6:]
            if not order.external
            and (order.strategy, order.venue, order.market) == (first.strategy, first.venue, first.market)
        ]
        sketch.add("strategy.cancel_orders", orders=alike or [first.name], strategy=first.strategy)


def submit_list(sketch: Sketch) -> None:
    """Place two or three limit orders together."""
    draws = sketch.draws
    first, instrument = new_order(sketch, "LIMIT")
    orders = [first]
    for _ in range(draws.between(1, 2)):
        orders.append(structs.replace(first, name=sketch.new_name("O"), side=draws.pick(("BUY", "SELL"))))
    sketch.orders += orders[1:]
    listed = [
        ListedOrder(
            order=order.name,
            side="BUY" if order.side == "BUY" else "SELL",
            quantity=order.market.size_of(order.lots),
            price=order.market.price_at(_away(sketch, order.side)),
        )
        for order in orders
    ]
    sketch.add(
        "strategy.submit_list", orders=listed, instrument=instrument, strategy=first.strategy, position=first.position
    )


def minutes(sketch: Sketch) -> None:
    """Let more than a minute pass, in which nothing happens but what comes by the clock."""
    sketch.wait(seconds(sketch.draws.pick((65, 65, 125))))


def close(sketch: Sketch) -> None:
    """Close positions with market orders."""
    _, _, instrument = sketch.place()
    sketch.add("strategy.close", instrument=instrument, strategy=sketch.draws.pick(sketch.strategies))


def query(sketch: Sketch) -> None:
    """Ask about an order."""
    order = sketch.own_order()
    if order is not None:
        sketch.add("strategy.query", order=order.name, strategy=order.strategy)


def trade(sketch: Sketch) -> None:
    """Fill some or all of an order."""
    order = sketch.order()
    if order is None:
        return
    draws = sketch.draws
    lots = order.lots if draws.chance(40) else draws.between(1, order.lots)
    name = sketch.new_name("F")
    at = order.market.price_at(draws.between(-2, 2)) if order.type != "LIMIT" or draws.chance(15) else None
    sketch.trades.append((name, order.venue, order.market))
    sketch.add(
        "venue.trade",
        order=order.name,
        quantity=order.market.size_of(lots),
        price=at,
        trade=name,
        liquidity=draws.pick((None, None, "MAKER", "TAKER")),
        venue=order.venue,
    )


def venue_cancel(sketch: Sketch) -> None:
    """Let the venue cancel an order."""
    _to_order(sketch, "venue.cancel")


def venue_expire(sketch: Sketch) -> None:
    """Let an order expire."""
    _to_order(sketch, "venue.expire")


def venue_trigger(sketch: Sketch) -> None:
    """Trigger a conditional order."""
    waiting = [order for order in sketch.orders if order.type not in ("LIMIT", "MARKET")]
    if waiting:
        order = sketch.draws.pick(waiting)
        sketch.add("venue.trigger", order=order.name, venue=order.venue)


def venue_reject(sketch: Sketch) -> None:
    """Let the venue reject an order that it had accepted."""
    _to_order(sketch, "venue.reject")


def venue_amend(sketch: Sketch) -> None:
    """Let the venue change an order."""
    order = sketch.order()
    if order is None or order.type != "LIMIT":
        return
    both = sketch.draws.below(3)
    sketch.add(
        "venue.amend",
        order=order.name,
        quantity=order.market.size_of(max(1, order.lots + sketch.draws.between(-2, 2))) if both != 1 else None,
        price=order.market.price_at(_away(sketch, order.side)) if both else None,
        venue=order.venue,
    )


def liquidate(sketch: Sketch) -> None:
    """Close the account's position by force."""
    market, venue, _ = sketch.place()
    at = market.price_at(sketch.draws.between(-3, 3))
    sketch.add("venue.liquidate", instrument=market.symbol, price=at, venue=venue)


def external_order(sketch: Sketch) -> None:
    """Place an order on the account from elsewhere."""
    draws = sketch.draws
    market, venue, _ = sketch.place()
    side, lots = draws.pick(("BUY", "SELL")), draws.between(1, 6)
    name = sketch.new_name("X") if draws.chance(70) else None
    at_market = draws.chance(15)
    if name is not None:
        kind = "MARKET" if at_market else "LIMIT"
        sketch.orders.append(SketchedOrder(name, market, venue, side, lots, kind, None, external=True))
    sketch.add(
        "venue.external_order",
        order=name,
        side=side,
        quantity=market.size_of(lots),
        price=None if at_market else market.price_at(_away(sketch, side)),
        instrument=market.symbol,
        venue=venue,
    )


def set_position(sketch: Sketch) -> None:
    """Make the account's position something that no trade explains."""
    market, venue, _ = sketch.place()
    lots = sketch.draws.between(-5, 5)
    size = market.size_of(abs(lots))
    sketch.add(
        "venue.set_position",
        quantity=type(size)(f"-{size}") if lots < 0 else size,
        price=market.price_at(sketch.draws.between(-2, 2)),
        instrument=market.symbol,
        venue=venue,
    )


def bust(sketch: Sketch) -> None:
    """Take a trade back."""
    if sketch.trades:
        name, venue, _ = sketch.draws.pick(sketch.trades)
        sketch.add("venue.bust", trade=name, venue=venue)


def correct(sketch: Sketch) -> None:
    """State a trade anew: at another price or quantity, under its own id or another."""
    if sketch.trades:
        draws = sketch.draws
        name, venue, market = draws.pick(sketch.trades)
        as_trade = sketch.new_name("C") if draws.chance(50) else None
        price = market.price_at(draws.between(-2, 2)) if draws.chance(50) else None
        quantity = market.size_of(1) if price is None else None
        sketch.add("venue.correct", trade=name, quantity=quantity, price=price, as_trade=as_trade, venue=venue)


def deposit(sketch: Sketch) -> None:
    """Bring money into the account, or take some away."""
    amount = sketch.draws.pick(("12.50 USDT", "-3.00 USDT"))
    sketch.add("venue.deposit", amount=amount, venue=sketch.draws.pick(sketch.venues))


def quote(sketch: Sketch) -> None:
    """Move the market; what crosses trades."""
    market, venue, _ = sketch.place()
    middle = sketch.draws.between(-3, 3)
    size = market.size_of(sketch.draws.between(1, 8)) if sketch.draws.chance(60) else None
    sketch.add(
        "venue.quote",
        bid=market.price_at(middle - 1),
        ask=market.price_at(middle + 1),
        size=size,
        instrument=market.symbol,
        venue=venue,
    )


def burst(sketch: Sketch) -> None:
    """Place an order and touch it again before the answer can be there."""
    submit(sketch)
    sketch.wait(milliseconds(sketch.draws.below(25)))
    order = sketch.orders[-1]
    if sketch.draws.chance(50):
        sketch.add("strategy.cancel", order=order.name, strategy=order.strategy)
    else:
        lots = max(1, order.lots + 1)
        sketch.add("strategy.modify", order=order.name, quantity=order.market.size_of(lots), strategy=order.strategy)


def rest(sketch: Sketch) -> None:
    """Let nothing happen for a while."""
    sketch.wait(seconds(sketch.draws.pick((3, 5, 8, 12))))


def new_order(
    sketch: Sketch, kind: str, lots: int | None = None, at: str | None = ""
) -> tuple[SketchedOrder, str | None]:
    """Return an order yet to be placed, and how its instrument is written; `at` names its venue (None: the default)."""
    draws = sketch.draws
    market, venue, _ = sketch.place()
    venue = venue if at == "" else at
    strategy = draws.pick(sketch.strategies)
    leg = draws.pick((None, None, "A", "B")) if sketch.hedging and venue is None else None
    order = SketchedOrder(
        sketch.new_name("O"),
        market,
        venue,
        draws.pick(("BUY", "SELL")),
        lots or draws.pick((1, 2, 4, 4, 4, 8)),
        kind,
        strategy,
        # A position belongs to one instrument and one strategy.
        position=f"P-{leg}-{market.symbol.replace('/', '')}-{strategy or 'S-001'}" if leg else None,
    )
    sketch.orders.append(order)
    return order, written(market, venue)


def _away(sketch: Sketch, side: str) -> int:
    """Return how many ticks from the middle: mostly where it waits, at times where it trades at once."""
    ticks = sketch.draws.between(-1, 3)
    return -ticks if side == "BUY" else ticks


def _to_order(sketch: Sketch, verb: str) -> None:
    order = sketch.order()
    if order is not None:
        sketch.add(verb, order=order.name, venue=order.venue)
