"""Profit counted from outside: from the venue's fills alone, in `Decimal`, with none of the kernel's arithmetic.

Two counts. The *whole* profit, realised and not, valued at the last traded price, does not depend on how the fills were
shared out among positions and strategies: it is what was received less what was paid, plus what the rest is worth. The
*realised* profit at average cost can be told from outside only where one position took every fill; there it must be the
same too.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from msgspec import structs

from nautilus_live.core.reconciliation.alignment import is_alignment
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.instruments import InstrumentAny
from nautilus_live.model.position import Position
from nautilus_live.model.reports import FillReport
from scenarios.invariants.rules import Calm, VenueView, is_uncertain_with_reason, never_prices
from scenarios.texts import plain

ZERO = Decimal(0)


def profit_differences(calm: Calm) -> list[str]:
    """Return where the node's profit is not what the fills give; what cannot be told is left out by name."""
    found = []
    if calm.purges or calm.history_lost:
        calm.leave_out("what closed positions earned was forgotten: purged, or lost and too long ago to be asked for")
        return []
    for view in calm.venues:
        if not view.venue.profile.has_positions:
            calm.leave_out(f"{view.name}: a spot account has balances, no positions")
            continue
        by_instrument: dict[InstrumentId, list[FillReport]] = {}
        tells_commissions = view.venue.profile.reports_commissions
        for fill in view.venue.fills(str(view.account_id)):
            told = fill if tells_commissions else structs.replace(fill, commission=None)
            by_instrument.setdefault(fill.instrument_id, []).append(told)
        for instrument_id, fills in by_instrument.items():
            reason = _untold(calm, view, instrument_id, fills)
            if reason:
                calm.leave_out(f"{instrument_id}: {reason}")
            else:
                found += _differences(calm, view, view.venue.instruments[instrument_id], fills)
    return found


def is_told_in_order(calm: Calm, view: VenueView, instrument_id: InstrumentId) -> bool:
    """Return whether the node learned of an instrument's trades in the order in which the venue made them.

    By the average-cost rule the order matters: a sale before a purchase realises another profit, and leaves another
    average, than one after it. Net quantity and whole profit are the same in any order.
    """
    places = {
        (fill.trade_id, fill.order_side): place
        for place, fill in enumerate(view.venue.fills(str(view.account_id)))
        if fill.instrument_id == instrument_id
    }
    told = []
    for event in _fills_of(calm, instrument_id):
        order = calm.cache.order(event.client_order_id)
        if event.strategy_id.is_internal() or (order is not None and is_alignment(order)):
            continue  # an alignment is priced so that the average is the venue's
        place = places.get((event.trade_id, event.order_side))
        if place is None or event.replaces:
            return False  # inferred: it stands for trades that were told late or never
        told.append((event.ts_init, place, event.order_side))
    told.sort()
    for before, after in pairwise(told):
        if before[1] > after[1] or (before[0] == after[0] and before[2] is not after[2]):
            return False  # what opens and what closes came at one moment: who was first does not show
    return True


def _fills_of(calm: Calm, instrument_id: InstrumentId) -> list[OrderFilled]:
    """Return the fills of an instrument; those of orders that were purged as far as a position remembers them."""
    orders = calm.cache.orders(instrument_id=instrument_id)
    fills = {(fill.trade_id, fill.order_side): fill for order in orders for fill in order.fills.values()}
    for position in calm.cache.positions(instrument_id=instrument_id):
        for fill in position.fills:
            fills.setdefault((fill.trade_id, fill.order_side), fill)
    return list(fills.values())


def is_partly_ignored(calm: Calm, view: VenueView, instrument_id: InstrumentId) -> bool:
    """Return whether the venue has trades of an instrument that no order of the node's has."""
    known = {(fill.trade_id, fill.order_side) for fill in _fills_of(calm, instrument_id)}
    fills = [fill for fill in view.venue.fills(str(view.account_id)) if fill.instrument_id == instrument_id]
    return any((fill.trade_id, fill.order_side) not in known for fill in fills)


def _untold(calm: Calm, view: VenueView, instrument_id: InstrumentId, fills: list[FillReport]) -> str:
    """Return why the fills of an instrument do not tell its profit; nothing if they do."""
    if is_uncertain_with_reason(calm, view, instrument_id):
        return "the node says that it does not know the position"
    if view.positions_stated or instrument_id in calm.positions_given:
        return "its position was stated outright, no fills led to it"
    if not calm.is_watched(instrument_id):
        return "reconciliation_instrument_ids leaves it out"
    if never_prices(view):
        return f"{view.name} never says at which price anything was filled"
    if view.venue.instruments[instrument_id].is_inverse:
        return "an inverse contract is not worth its price times its size"
    known = {}  # by its side too: who trades with himself has two sides of one trade
    for order in calm.cache.orders(instrument_id=instrument_id):
        for event in order.fills.values():
            if event.inferred or is_alignment(order):
                return f"the node had to infer {event.trade_id}, the venue showed no trade for it"
            known[event.trade_id, event.order_side] = event
    for fill in fills:
        ours = known.get((fill.trade_id, fill.order_side))
        if ours is None and fill.ts_event < calm.began_ns:
            return f"{fill.trade_id} happened before the scenario, and the node never heard of it"
        if ours is not None and ours.client_order_id.value in calm.orders_given and not _is_same(ours, fill):
            return f"{fill.trade_id} was stated to be one thing here, another there"
    ignored = [fill for fill in fills if (fill.trade_id, fill.order_side) not in known]
    if ignored and (calm.ignores_external or calm.filtered or calm.ignores_positions):
        return f"the node is set to ignore whose fill {ignored[0].trade_id} is"
    return ""


def _is_same(ours: OrderFilled, theirs: FillReport) -> bool:
    same_trade = (ours.last_qty, ours.last_px) == (theirs.last_qty, theirs.last_px)
    return same_trade and ours.commission == theirs.commission


def _differences(calm: Calm, view: VenueView, instrument: InstrumentAny, fills: list[FillReport]) -> list[str]:
    positions = calm.cache.positions(instrument_id=instrument.id, account_id=view.account_id)
    last = fills[-1].last_px.value
    wanted = _received(instrument, fills, last)
    was = sum((_worth(position, instrument, last) for position in positions), ZERO)
    tolerance = Decimal(1).scaleb(-instrument.settlement_currency.precision) * (len(fills) + 1)
    where = f"from the fills of {view.name}"
    if abs(wanted - was) > tolerance:
        return [f"{instrument.id}: {plain(was)} in all here, {plain(wanted)} {where}"]
    if len(positions) == 1 and is_told_in_order(calm, view, instrument.id):
        if positions[0].cycle_count and _has_voided(calm, instrument.id):
            calm.leave_out(
                f"{instrument.id}: a trade was taken back, perhaps of an earlier cycle; the whole profit agrees"
            )
            return []
        wanted, was = _realized(instrument, fills), positions[0].realized + positions[0].realized_before
        if abs(wanted - was) > tolerance:
            return [f"{instrument.id}: {plain(was)} realized here, {plain(wanted)} {where}"]
    return []


def _has_voided(calm: Calm, instrument_id: InstrumentId) -> bool:
    return any(order.voided_trade_ids for order in calm.cache.orders(instrument_id=instrument_id))


def _value(instrument: InstrumentAny, signed: Decimal, price: Decimal) -> Decimal:
    """Return what a signed quantity of a linear instrument is worth at a price, in its settlement currency."""
    return signed * instrument.multiplier.value * price


def _commission(instrument: InstrumentAny, fill: FillReport) -> Decimal:
    paid = fill.commission
    return paid.value if paid is not None and paid.currency == instrument.settlement_currency else ZERO


def _received(instrument: InstrumentAny, fills: list[FillReport], last: Decimal) -> Decimal:
    total = held = ZERO
    for fill in fills:
        signed = fill.last_qty.value * fill.order_side.sign
        total -= _value(instrument, signed, fill.last_px.value) + _commission(instrument, fill)
        held += signed
    return total + _value(instrument, held, last)


def _worth(position: Position, instrument: InstrumentAny, last: Decimal) -> Decimal:
    worth = position.realized + position.realized_before
    if position.signed_qty:
        signed = position.signed_qty
        worth += _value(instrument, signed, last) - _value(instrument, signed, position.avg_px_open)
    return worth


def _realized(instrument: InstrumentAny, fills: list[FillReport]) -> Decimal:
    """Count the realised profit at average cost, less commissions in the settlement currency."""
    held = average = profit = ZERO
    for fill in fills:
        price, signed = fill.last_px.value, fill.last_qty.value * fill.order_side.sign
        closing = min(abs(held), abs(signed)) if held * signed < 0 else ZERO
        if closing:
            was = closing if held > 0 else -closing
            profit += _value(instrument, was, price) - _value(instrument, was, average)
        opening = abs(signed) - closing
        if opening:
            kept = abs(held) if held * signed > 0 else ZERO
            average = (kept * average + opening * price) / (kept + opening)
        held += signed
        profit -= _commission(instrument, fill)
    return profit
