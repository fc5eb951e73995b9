"""The venue's own invariants. A toy venue had the first bug; this one looks for its own.

May know: this package's books. Promises: `check_everything` raises an AssertionError that names the rule and the
values; it changes nothing. `check_changed` is the cheap part, fit to run after every command.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from nautilus_live.model.enums import ContingencyType, OrderStatus
from nautilus_live.model.identifiers import InstrumentId, TradeId, VenueOrderId
from sandbox_venues.accounts import VenueAccount
from sandbox_venues.matching import Market
from sandbox_venues.orders import ZERO, VenueOrder

if TYPE_CHECKING:
    from sandbox_venues.registry import Registry


def check_changed(orders: dict[int, VenueOrder]) -> None:
    """Check the orders that were touched."""
    for order in orders.values():
        _check_quantities(order)


def check_everything(venue: Registry) -> None:
    """Check all books against each other."""
    venue.ledger.check()
    _check_ids(venue)
    for order in venue._orders:
        _check_quantities(order)
        _check_fills(order)
        _check_place(order, venue)
    recorded = sum(len(order.fills) for order in venue._orders)
    assert recorded == len(venue._fills), (
        f"every fill must be on record, orders have {recorded}, was {len(venue._fills)}"
    )
    for account in venue._accounts.values():
        _check_locked(account)
        _check_positions(account, venue)
    for market in venue._markets.values():
        _check_book(market)
    if venue.profile.contingencies:
        for order in venue._orders:
            _check_links(order, venue)


def _check_quantities(order: VenueOrder) -> None:
    filled, quantity = order.filled, order.quantity
    assert filled >= 0, f"{order.name}: filled must not be negative, was {filled}"
    if filled > quantity:
        assert order.may_overfill, f"{order.name}: filled must not exceed {quantity}, was {filled}"
    if order.status is OrderStatus.FILLED:
        assert filled >= quantity, f"{order.name}: a FILLED order must be filled with {quantity}, was {filled}"
    elif order.is_open:
        assert filled < quantity, (
            f"{order.name}: an open order must have something left of {quantity}, was filled {filled}"
        )
        expected = order.status is OrderStatus.PARTIALLY_FILLED
        assert bool(filled) is expected, f"{order.name}: {order.status} must agree with what is filled, was {filled}"
    elif order.status is OrderStatus.REJECTED:
        assert not filled, f"{order.name}: a REJECTED order must have no fills, was filled {filled}"


def _check_fills(order: VenueOrder) -> None:
    counted = [fill for fill in order.fills if not fill.busted]
    total = sum((fill.quantity for fill in counted), ZERO)
    assert total == order.filled, f"{order.name}: filled must be the sum of its fills {total}, was {order.filled}"
    notional = sum((fill.quantity * fill.price for fill in counted), ZERO)
    assert notional == order.notional, (
        f"{order.name}: notional must be that of its fills {notional}, was {order.notional}"
    )
    ids: dict[tuple[TradeId, int], None] = {(fill.trade_id, fill.part): None for fill in order.fills}
    assert len(ids) == len(order.fills), f"{order.name}: trade ids must be unique within the order, were {list(ids)}"


def _check_ids(venue: Registry) -> None:
    seen: dict[tuple[InstrumentId, VenueOrderId], VenueOrder] = {}
    for order in venue._orders:
        numbers = [order.venue_order_id, *(leg.report.venue_order_id for leg in order.legs)]
        for number in numbers:
            key = (order.instrument.id, number)
            assert key not in seen, (
                f"venue order ids must be unique, was {number} for {order.name} and {seen[key].name}"
            )
            seen[key] = order
            assert venue._by_venue_id.get(key) is order, f"{order.name}: must be found under {number}"
    if venue.profile.client_ids != "unique":
        return
    for (account_id, client_order_id), owners in venue._by_client_id.items():
        hand_made = [order for order in owners if order.request.client_order_id == client_order_id]
        assert len(hand_made) == 1, f"{account_id}: {client_order_id} must name one order, was {len(hand_made)}"


def _check_place(order: VenueOrder, venue: Registry) -> None:
    account = venue._accounts[order.account_id]
    listed = order.sequence in account.open_orders
    assert listed is order.is_open, f"{order.name}: must be listed as open exactly while it is, was {order.status}"
    market = venue._markets[order.instrument.id]
    places = [
        order.place is not None,
        order.sequence in market.stops,
        order.sequence in market.waiting,
        order.sequence in market.held,
    ]
    assert not order.is_open or order.held is places[-1], (
        f"{order.name}: must be among the held orders exactly while it is, was {order.held}"
    )
    wanted = 1 if order.is_open else 0
    assert sum(places) == wanted, f"{order.name}: {order.status} must stand in {wanted} place(s), was {places}"


def _check_book(market: Market) -> None:
    name, bid, ask = market.instrument.id, market.bid, market.ask
    if market.is_open and bid is not None and ask is not None:
        assert bid < ask, f"{name}: an open market must not be crossed, was {bid} / {ask}"
    for side in (market.bids, market.asks):
        places = [entry.place for entry in side]
        assert places == sorted(places), f"{name}: a book must be ordered by price and time, was {places}"
        for entry in side:
            order = entry.order
            assert entry.leaves > 0, f"{name}: what stands in the book must have something left, was {entry.leaves}"
            if order is None:
                continue
            assert order.place == entry.place, f"{order.name}: must stand where it is said to, was {order.place}"
            shown = order.request.display_qty
            assert entry.quantity <= (ZERO if shown is None else shown.value), (
                f"{order.name}: an iceberg must show at most {shown}, was {entry.quantity}"
            )


def _check_links(order: VenueOrder, venue: Registry) -> None:
    """Check that no order outlives one that should have ended it, and that none works before its parent."""
    request, owners = order.request, venue._by_client_id
    if not order.is_open:
        return
    parents = () if request.parent_order_id is None else owners.get((order.account_id, request.parent_order_id), ())
    for parent in parents[-1:]:  # none: it was over for so long that the venue has forgotten it
        assert not order.held or parent.is_open, f"{order.name}: a held order must have an open parent, was {parent}"
        traded = parent.status is OrderStatus.FILLED or bool(parent.filled or order.filled)
        assert order.held or traded or _is_busted(parent), f"{order.name}: must wait for its parent, was {parent}"
    if request.contingency_type in (ContingencyType.OCO, ContingencyType.OUO):
        for name in request.linked_order_ids:
            mates = owners.get((order.account_id, name), [])
            over = bool(mates) and not mates[-1].is_open
            assert not over or mates[-1].cancel_reason == request.contingency_type.name, (
                f"{order.name}: must have ended with its mate, was {mates[-1]}"
            )


def _is_busted(order: VenueOrder) -> bool:
    return any(fill.busted for fill in order.fills)


def _check_locked(account: VenueAccount) -> None:
    expected: dict[str, Decimal] = {}
    for order in account.open_orders.values():
        if order.lock_amount:
            expected[order.lock_code] = expected.get(order.lock_code, ZERO) + order.lock_amount
    locked = {code: amount for code, amount in account.locked.items() if amount}
    assert locked == expected, f"{account.id}: locked must be what open orders lock {expected}, was {locked}"


def _check_positions(account: VenueAccount, venue: Registry) -> None:
    for (instrument_id, position_id), position in account.positions.items():
        fills = ZERO
        for fill in venue._fills:
            order = fill.order
            if fill.busted or order.account_id != account.id or order.instrument.id != instrument_id:
                continue
            if not account.hedging or order.position_id == position_id:
                fills += fill.quantity * order.sign
        assert fills == position.filled, f"{account.id} {instrument_id}: fills sum up to {fills}, was {position.filled}"
        explained = fills + position.adjusted
        assert explained == position.signed, (
            f"{account.id} {instrument_id}: position must be {explained}, was {position.signed}"
        )
