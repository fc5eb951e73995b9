"""Quotes and trades of a synthetic instrument, made of those of its components: one by one, or of their past.

Pure: knows values only. Promises: what is made has size 1 and the times of the tick that made it; nothing is made
before every component has a price, nor where the formula has no value.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import merge

from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.instruments import SyntheticInstrument
from nautilus_live.model.objects import Quantity

ONE = Quantity.from_int(1)
Tick = QuoteTick | TradeTick


def make_quote(synthetic: SyntheticInstrument, quotes: Sequence[QuoteTick], tick: QuoteTick) -> QuoteTick:
    """Return the quote that the components' latest quotes make, in the order of `components`; `tick` is the newest.

    Raises:
        ValueError: if the formula has no value for them.

    """
    bid = synthetic.calculate([one.bid_price for one in quotes])
    ask = synthetic.calculate([one.ask_price for one in quotes])
    return QuoteTick(synthetic.id, bid, ask, ONE, ONE, tick.ts_event, tick.ts_init)


def make_trade(synthetic: SyntheticInstrument, trades: Sequence[TradeTick], tick: TradeTick) -> TradeTick:
    """Return the trade that the components' latest trades make; `tick` is the newest, and gives side and id.

    Raises:
        ValueError: if the formula has no value for them.

    """
    price = synthetic.calculate([one.price for one in trades])
    return TradeTick(synthetic.id, price, ONE, tick.aggressor_side, tick.trade_id, tick.ts_event, tick.ts_init)


def make_history(synthetic: SyntheticInstrument, histories: Sequence[Sequence[Tick]]) -> list[Tick]:
    """Return the quotes or trades that those of each component make, each list oldest first.

    What happened at one moment is taken in the order of the components.
    """
    made: list[Tick] = []
    latest: dict[int, Tick] = {}
    numbered = ([(tick.ts_event, number, tick) for tick in ticks] for number, ticks in enumerate(histories))
    for _, number, tick in merge(*numbered, key=_moment):
        latest[number] = tick
        if len(latest) < len(histories):
            continue
        present = [latest[one] for one in range(len(histories))]
        try:
            made.append(_make(synthetic, present, tick))
        except ValueError:
            continue  # no value at those prices, so no tick of that moment
    return made


def _make(synthetic: SyntheticInstrument, present: Sequence[Tick], tick: Tick) -> Tick:
    if isinstance(tick, QuoteTick):
        return make_quote(synthetic, [one for one in present if isinstance(one, QuoteTick)], tick)
    return make_trade(synthetic, [one for one in present if isinstance(one, TradeTick)], tick)


def _moment(entry: tuple[int, int, Tick]) -> tuple[int, int]:
    return entry[0], entry[1]
