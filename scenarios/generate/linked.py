"""Orders that hang together, and orders that the node holds: brackets and linked lists, emulated orders, trailing
stops, orders that an algorithm works, a second account.

May know: the sketch. As in `situations`, each function writes a few steps that belong together; what else happens,
before, between and after, is drawn as everywhere.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import structs

from scenarios.generate.sketch import Market, Sketch, SketchedOrder, milliseconds, seconds, written
from scenarios.generate.trading import new_order
from scenarios.verbs import ListedOrder

TWAP = {
    "exec_algorithm_path": "nautilus_live.examples.algorithms.twap:TWAPExecAlgorithm",
    "config_path": "nautilus_live.examples.algorithms.twap:TWAPExecAlgorithmConfig",
    "config": {},
}
"""What a node needs to work orders over time."""
SECOND_ACCOUNT = "002"


def bracket(sketch: Sketch) -> None:
    """Place an entry with a stop and a target; then some of it, or of one of its exits, trades."""
    draws = sketch.draws
    entry, instrument = _entry(sketch)
    up = entry.side == "BUY"
    emulated = draws.chance(20)
    if emulated or draws.chance(50):
        _quote(sketch, entry.market, entry.venue, 0)
    sketch.add(
        "strategy.bracket",
        order=entry.name,
        side=entry.side,
        quantity=entry.market.size_of(entry.lots),
        price=entry.market.price_at(-2 if up else 2) if entry.type == "LIMIT" else None,
        stop=entry.market.price_at(-6 if up else 6),
        target=entry.market.price_at(6 if up else -6),
        exits=draws.pick(("OUO", "OCO")),
        emulate="BID_ASK" if emulated else None,
        instrument=instrument,
        strategy=entry.strategy,
    )
    back = "SELL" if up else "BUY"
    stop = structs.replace(entry, name=f"{entry.name}-SL", side=back, type="STOP_MARKET")
    target = structs.replace(entry, name=f"{entry.name}-TP", side=back, type="LIMIT")
    sketch.orders += [stop, target]
    if emulated and draws.chance(60):  # the market comes to an exit before there is anything to leave
        sketch.wait(milliseconds(draws.pick((30, 400))))
        _quote(sketch, entry.market, entry.venue, draws.pick((-7, 7)))
        sketch.wait(milliseconds(draws.pick((30, 400))))
        _quote(sketch, entry.market, entry.venue, -3 if up else 3)
    _trade_some(sketch, entry, whole=55)
    if draws.chance(60):
        _trade_some(sketch, draws.pick((stop, target)), whole=50)
    if draws.chance(30):
        sketch.add("strategy.cancel", order=draws.pick((entry, stop, target)).name, strategy=entry.strategy)
    sketch.wait(milliseconds(draws.pick((0, 30, 500, 3_000))))


def linked_list(sketch: Sketch) -> None:
    """Place two orders of which one ends or lessens the other; then some of one trades."""
    draws = sketch.draws
    first, instrument = _entry(sketch, "LIMIT")
    kind: Literal["OCO", "OUO"] = draws.pick(("OCO", "OUO"))
    second = structs.replace(first, name=sketch.new_name("O"))
    sketch.orders.append(second)
    away = -3 if first.side == "BUY" else 3
    listed = [
        ListedOrder(
            order=order.name,
            side="BUY" if order.side == "BUY" else "SELL",
            quantity=order.market.size_of(order.lots),
            price=order.market.price_at(away * step),
            contingency=kind,
            linked=[other.name],
        )
        for step, (order, other) in enumerate(((first, second), (second, first)), 1)
    ]
    sketch.add("strategy.submit_list", orders=listed, instrument=instrument, strategy=first.strategy)
    _trade_some(sketch, draws.pick((first, second)), whole=40)
    sketch.wait(milliseconds(draws.pick((0, 15, 500, 3_000))))


def emulated(sketch: Sketch) -> None:
    """Place an order that the node holds until the market comes to it; then the market may come."""
    draws = sketch.draws
    kind = draws.pick(("LIMIT", "STOP_MARKET", "STOP_MARKET", "STOP_LIMIT", "MARKET_IF_TOUCHED", "LIMIT_IF_TOUCHED"))
    order, instrument = _entry(sketch, kind)
    up = order.side == "BUY"
    beyond = 3 if up == kind.startswith("STOP") else -3
    _quote(sketch, order.market, order.venue, 0)
    sketch.wait(milliseconds(draws.pick((50, 400))))
    priced = "LIMIT" in kind
    limit = beyond + (1 if up else -1) if kind != "LIMIT" else -3 if up else 3
    sketch.add(
        "strategy.submit",
        order=order.name,
        side=order.side,
        quantity=order.market.size_of(order.lots),
        type=kind,
        price=order.market.price_at(limit) if priced else None,
        trigger=order.market.price_at(beyond) if kind != "LIMIT" else None,
        emulate=draws.pick(("BID_ASK", "BID_ASK", "DEFAULT")),
        instrument=instrument,
        strategy=order.strategy,
    )
    sketch.wait(milliseconds(draws.pick((5, 300, 900))))
    if draws.chance(25):
        sketch.add("strategy.modify", order=order.name, quantity=order.market.size_of(order.lots + 1))
        sketch.wait(milliseconds(draws.pick((0, 300))))
    if draws.chance(25):
        sketch.add("node.crash")
        sketch.wait(milliseconds(draws.pick((10, 900))))
        sketch.add("node.start")
        sketch.wait(seconds(draws.pick((1, 2))))
    if draws.chance(75):
        _quote(sketch, order.market, order.venue, draws.pick((-4, 4, -5, 5)))
    sketch.wait(milliseconds(draws.pick((0, 25, 900))))


def trailing(sketch: Sketch) -> None:
    """Place a stop that follows the market, at the venue or held here; then the market moves, and comes back."""
    draws = sketch.draws
    kind = draws.pick(("TRAILING_STOP_MARKET", "TRAILING_STOP_MARKET", "TRAILING_STOP_LIMIT"))
    order, instrument = _entry(sketch, kind)
    market = order.market
    up = order.side == "BUY"
    _quote(sketch, market, order.venue, 0)
    sketch.wait(milliseconds(400))
    offset = structs.replace(market, price=0).price_at(2)
    sketch.add(
        "strategy.submit",
        order=order.name,
        side=order.side,
        quantity=market.size_of(order.lots),
        type=kind,
        trail=offset,
        limit_trail=structs.replace(market, price=0).price_at(1) if kind.endswith("LIMIT") else None,
        trigger=market.price_at(2 if up else -2) if draws.chance(50) else None,
        emulate="BID_ASK" if draws.chance(40) else None,
        instrument=instrument,
        strategy=order.strategy,
    )
    for middle in (-1, -3, 0) if up else (1, 3, 0):
        sketch.wait(milliseconds(draws.pick((30, 300, 900))))
        _quote(sketch, market, order.venue, middle)
    sketch.wait(milliseconds(draws.pick((0, 25, 900))))


def worked(sketch: Sketch) -> None:
    """Let an algorithm work an order over some seconds; at times it is canceled, or the node dies on the way."""
    draws = sketch.draws
    order, instrument = _entry(sketch, "MARKET", 8)
    _quote(sketch, order.market, order.venue, 0)
    sketch.wait(milliseconds(400))
    sketch.add(
        "strategy.submit",
        order=order.name,
        side=order.side,
        quantity=order.market.size_of(order.lots),
        algorithm="TWAP",
        params={"horizon_secs": 4.0, "interval_secs": 1.0},
        instrument=instrument,
        strategy=order.strategy,
    )
    sketch.wait(milliseconds(draws.pick((900, 2_100, 2_600))))
    match draws.below(5):
        case 0:
            sketch.add("strategy.cancel", order=order.name, strategy=order.strategy)
        case 1:
            sketch.add("node.crash")
            sketch.wait(milliseconds(draws.pick((10, 900))))
            sketch.add("node.start")
        case _:
            pass
    sketch.wait(seconds(draws.pick((2, 4))))


def elsewhere(sketch: Sketch) -> None:
    """Trade on the second account of the venue."""
    draws = sketch.draws
    market = draws.pick(sketch.markets)
    side, lots = draws.pick(("BUY", "SELL")), draws.pick((1, 2, 4))
    order = SketchedOrder(sketch.new_name("O"), market, None, side, lots, "LIMIT", draws.pick(sketch.strategies))
    mine = draws.chance(75)
    if not mine:
        order = structs.replace(order, name=sketch.new_name("X"), strategy=None, external=True)
    placed: dict[str, Any] = {
        "order": order.name,
        "side": side,
        "quantity": market.size_of(lots),
        "price": market.price_at(-3 if side == "BUY" else 3),
        "instrument": written(market, None) if mine else market.symbol,
        "account": SECOND_ACCOUNT,
    }
    sketch.orders.append(order)
    if mine:
        sketch.add("strategy.submit", strategy=order.strategy, **placed)
    else:
        sketch.add("venue.external_order", **placed)
    _trade_some(sketch, order, whole=40)
    sketch.wait(milliseconds(draws.pick((0, 15, 500))))


def _entry(sketch: Sketch, kind: str | None = None, lots: int | None = None) -> tuple[SketchedOrder, str | None]:
    kind = kind or sketch.draws.pick(("LIMIT", "LIMIT", "MARKET"))
    order, instrument = new_order(sketch, kind, lots or sketch.draws.pick((2, 4)))
    order.position = None  # what a list opens it names itself
    return order, instrument


def _quote(sketch: Sketch, market: Market, venue: str | None, middle: int) -> None:
    sketch.add(
        "venue.quote",
        bid=market.price_at(middle - 1),
        ask=market.price_at(middle + 1),
        instrument=market.symbol,
        venue=venue,
    )


def _trade_some(sketch: Sketch, order: SketchedOrder, *, whole: int) -> None:
    """Let an order trade once or twice, a while after; `whole` is in how many of 100 cases all of it."""
    draws = sketch.draws
    sketch.wait(milliseconds(draws.pick((25, 25, 300, 900))))
    for lots in (order.lots,) if draws.chance(whole) else draws.pick(((1,), (1, 1), (1, order.lots - 1))):
        name = sketch.new_name("F")
        sketch.trades.append((name, order.venue, order.market))
        at = order.market.price_at(draws.between(-2, 2)) if order.type not in ("LIMIT",) else None
        quantity = order.market.size_of(max(1, lots))
        sketch.add("venue.trade", order=order.name, quantity=quantity, price=at, trade=name, venue=order.venue)
        sketch.wait(milliseconds(draws.pick((0, 15, 400))))
